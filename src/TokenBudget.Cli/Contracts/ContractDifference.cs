using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Cli.Contracts;

/// <summary>A method whose contract is another, new or gone.</summary>
/// <param name="Before">What it was.</param>
/// <param name="After">What it is.</param>
/// <param name="Change">What is different.</param>
internal sealed record ContractDifference(Contract? Before, Contract? After, ContractChange Change)
{
    /// <summary>The contract that is there, the newer of two.</summary>
    public Contract Newest => After ?? Before!;

    /// <summary>What happened, in a word.</summary>
    public string Word => Change.Kind switch
    {
        ContractChangeKind.Rose => "rose",
        ContractChangeKind.Added => "new",
        ContractChangeKind.Removed => "gone",
        _ => "changed",
    };

    /// <summary>What happened, for a reader.</summary>
    public string Text
    {
        get
        {
            if (Change.Kind == ContractChangeKind.Added)
                return $"at most {ContractDollars.Text(After!.Facts.CeilingUsd)} a call";
            if (Change.Kind == ContractChangeKind.Removed)
                return $"was at most {ContractDollars.Text(Before!.Facts.CeilingUsd)} a call";
            var (before, after) = ContractDollars.Texts(Before!.Facts.CeilingUsd, After!.Facts.CeilingUsd);
            return before == after ? Change.Reasons : $"at most {before} → {after} a call: {Change.Reasons}";
        }
    }
}
