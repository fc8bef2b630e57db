namespace TokenBudget;

/// <summary>The span of time a budget is for, in UTC. The period is part of the budget's key: nothing is ever reset.</summary>
public enum BudgetPeriod
{
    /// <summary>The life of the ledger.</summary>
    Total,

    /// <summary>A clock hour.</summary>
    Hour,

    /// <summary>A calendar day.</summary>
    Day,

    /// <summary>A calendar month.</summary>
    Month,
}
