namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>What became of a method's contract.</summary>
internal sealed class ContractChange
{
    private ContractChange(ContractFacts? before, ContractFacts? after)
    {
        Before = before;
        After = after;
        Facts = Compare(before, after);
        Kind = (before, after) switch
        {
            (null, _) => ContractChangeKind.Added,
            (_, null) => ContractChangeKind.Removed,
            _ when HasRisen(before.CeilingUsd, after.CeilingUsd) => ContractChangeKind.Rose,
            _ => Facts.Count == 0 ? ContractChangeKind.None : ContractChangeKind.Changed,
        };
    }

    public ContractFacts? Before { get; }

    public ContractFacts? After { get; }

    public ContractChangeKind Kind { get; }

    /// <summary>The facts that differ, by name; none for a method that is new or gone.</summary>
    public IReadOnlyList<FactChange> Facts { get; }

    /// <summary>What changed besides the dollars that follow from it, for a reader.</summary>
    public string Reasons
    {
        get
        {
            var reasons = Facts.Where(static fact => fact.Name is not (ContractFacts.Ceiling or ContractFacts.FixedCost)).ToList();
            return reasons.Count == 0 ? "a price of its models" : string.Join(", ", reasons);
        }
    }

    /// <summary>Compares two contracts of a method; null stands for one that does not have it.</summary>
    public static ContractChange Between(ContractFacts? before, ContractFacts? after) => new(before, after);

    /// <summary>No known price is no ceiling: nothing is higher.</summary>
    private static bool HasRisen(decimal? before, decimal? after) => before is not null && (after is null || after > before);

    private static List<FactChange> Compare(ContractFacts? before, ContractFacts? after)
    {
        var changes = new List<FactChange>();
        if (before is null || after is null)
            return changes;
        foreach (var name in new SortedSet<string>(before.Values.Keys.Concat(after.Values.Keys), StringComparer.Ordinal))
        {
            var change = new FactChange(name, Value(before, name), Value(after, name));
            if (change.Before != change.After)
                changes.Add(change);
        }

        return changes;
    }

    private static string? Value(ContractFacts facts, string name) => facts.Values.TryGetValue(name, out var value) ? value : null;
}
