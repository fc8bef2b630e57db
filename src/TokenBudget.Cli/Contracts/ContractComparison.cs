using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Cli.Contracts;

/// <summary>Two states of contracts side by side.</summary>
internal sealed class ContractComparison
{
    private static readonly ContractChangeKind[] Order = [ContractChangeKind.Rose, ContractChangeKind.Changed, ContractChangeKind.Added, ContractChangeKind.Removed];

    public ContractComparison(IReadOnlyList<Contract> before, IReadOnlyList<Contract> after)
    {
        (Before, After) = (before, after);
        var old = before.ToDictionary(static contract => contract.Key, StringComparer.Ordinal);
        var now = after.ToDictionary(static contract => contract.Key, StringComparer.Ordinal);
        Differences =
        [
            .. from key in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
               let difference = DifferenceOf(old.GetValueOrDefault(key), now.GetValueOrDefault(key))
               where difference.Change.Kind != ContractChangeKind.None
               select difference,
        ];
    }

    public IReadOnlyList<Contract> Before { get; }

    public IReadOnlyList<Contract> After { get; }

    /// <summary>What is different, by key.</summary>
    public IReadOnlyList<ContractDifference> Differences { get; }

    /// <summary>Whether a call of one of the methods can cost more.</summary>
    public bool HasRisen => Differences.Any(static difference => difference.Change.Kind == ContractChangeKind.Rose);

    /// <summary>How many there are of each kind, for a reader; empty where nothing is different.</summary>
    public string Summary => string.Join(", ", Differences
        .GroupBy(static difference => difference.Change.Kind)
        .OrderBy(static group => Array.IndexOf(Order, group.Key))
        .Select(static group => FormattableString.Invariant($"{group.Count()} {WordFor(group.Key)}")));

    private static string WordFor(ContractChangeKind kind) => kind switch
    {
        ContractChangeKind.Rose => "can cost more",
        ContractChangeKind.Added => "new",
        ContractChangeKind.Removed => "gone",
        _ => "changed",
    };

    private static ContractDifference DifferenceOf(Contract? before, Contract? after) => new(before, after, ContractChange.Between(before?.Facts, after?.Facts));
}
