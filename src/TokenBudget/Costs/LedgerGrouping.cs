namespace TokenBudget.Costs;

/// <summary>What the totals of a ledger are told apart by.</summary>
[Flags]
public enum LedgerGrouping
{
    /// <summary>Nothing: one total of everything.</summary>
    None = 0,

    /// <summary>The calendar day, in UTC.</summary>
    Day = 1,

    /// <summary>The agent.</summary>
    Agent = 2,

    /// <summary>The method's name.</summary>
    Method = 4,

    /// <summary>The model that answered.</summary>
    Model = 8,

    /// <summary>The tenant.</summary>
    Tenant = 16,

    /// <summary>The budget the cost was charged to.</summary>
    Budget = 32,
}
