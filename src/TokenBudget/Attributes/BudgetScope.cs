namespace TokenBudget;

/// <summary>Who has an amount of its own in a budget.</summary>
public enum BudgetScope
{
    /// <summary>All calls that are charged to the budget share one amount.</summary>
    Shared,

    /// <summary>Each agent.</summary>
    Agent,

    /// <summary>Each method of each agent.</summary>
    Method,

    /// <summary>Each model.</summary>
    Model,

    /// <summary>Each tenant (<see cref="CacheScopeAttribute"/>); calls that name none share one amount.</summary>
    Tenant,
}
