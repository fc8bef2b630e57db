namespace TokenBudget.Cli.Contracts;

/// <summary>A rule of a SARIF log.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name, as an identifier.</param>
/// <param name="Title">What it says.</param>
/// <param name="Page">Its page in the documentation.</param>
/// <param name="IsProblem">Whether its results are something to look after; otherwise they only inform.</param>
internal sealed record SarifRule(string Id, string Name, string Title, string Page, bool IsProblem)
{
    public static readonly SarifRule Contract = new("TB-CONTRACT", "MethodContract", "What a method promises of its calls", "policies/contracts.md", IsProblem: false);

    public static readonly SarifRule CeilingRose = new("TB0120", "CeilingRose", "A call can cost more than the lock file says", "rules/TB0120.md", IsProblem: true);

    public static readonly SarifRule ContractChanged = new("TB0121", "ContractChanged", "A contract is not the one in the lock file", "rules/TB0121.md", IsProblem: true);
}
