namespace TokenBudget.Costs;

/// <summary>What a ledger is asked. Each is another way through code and server, and slow when it is gone the first time.</summary>
[Flags]
internal enum LedgerQuestion
{
    None = 0,

    /// <summary>How budgets stand.</summary>
    Balances = 1,

    /// <summary>To hold the worst case of a request.</summary>
    Reserve = 2,

    /// <summary>To write lines.</summary>
    Write = 4,
}
