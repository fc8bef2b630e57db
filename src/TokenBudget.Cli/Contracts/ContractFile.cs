namespace TokenBudget.Cli.Contracts;

/// <summary>The contracts of an assembly or a lock file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Assembly">The assembly's name; null for a lock file.</param>
/// <param name="Contracts">What it holds, by key.</param>
internal sealed record ContractFile(string Path, string? Assembly, IReadOnlyList<Contract> Contracts)
{
    /// <summary>The part of a lock file that an assembly speaks of; all of it beside another lock file.</summary>
    public ContractFile Beside(ContractFile other) => Assembly is null && other.Assembly is { } name
        ? this with { Contracts = [.. Contracts.Where(contract => contract.Assembly == name)] }
        : this;
}
