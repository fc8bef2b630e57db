namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>What a report of a contract tells its code fix.</summary>
internal static class ContractProperties
{
    /// <summary>The path of the lock file.</summary>
    public const string File = "file";

    /// <summary>What the method's line begins with.</summary>
    public const string Key = "key";

    /// <summary>The contract as it is now; without it, the method is gone.</summary>
    public const string Contract = "contract";
}
