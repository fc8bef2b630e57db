namespace TokenBudget.Generators.Contracts.Locking;

internal enum ContractChangeKind
{
    /// <summary>Both say the same.</summary>
    None,

    /// <summary>Another fact than the ceiling differs, or the ceiling fell.</summary>
    Changed,

    /// <summary>A call can cost more, or nobody knows any more what it can cost.</summary>
    Rose,

    /// <summary>The method is new.</summary>
    Added,

    /// <summary>The method is gone.</summary>
    Removed,
}
