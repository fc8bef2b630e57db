namespace TokenBudget;

/// <summary>What an alert is about.</summary>
public enum TokenBudgetAlertKind
{
    /// <summary>Spending has reached a threshold: see <see cref="TokenBudgetAlert.Budget"/>.</summary>
    BudgetThreshold,

    /// <summary>A summary came to nothing: see <see cref="TokenBudgetAlert.Summary"/>.</summary>
    SummaryFailed,

    /// <summary>A provider refuses calls because the account's money is used up: see <see cref="TokenBudgetAlert.SpendLimit"/>.</summary>
    SpendLimitReached,

    /// <summary>A budget takes no calls until somebody approves or its next period begins, or somebody has paused it by hand (<see cref="Costs.BudgetStatus.PausedByHand"/>): see <see cref="TokenBudgetAlert.Status"/>.</summary>
    BudgetPaused,

    /// <summary>Somebody approved: a paused budget takes calls again. See <see cref="TokenBudgetAlert.Status"/>.</summary>
    BudgetResumed,

    /// <summary>The ledger refuses lines; budgets are closed until it takes them.</summary>
    LedgerFailing,

    /// <summary>The ledger takes lines again.</summary>
    LedgerRestored,

    /// <summary>The store through which processes share rate limits does not answer: each limit is held as its <see cref="StoreFallback"/> says.</summary>
    SharedLimitsAway,

    /// <summary>The store through which processes share rate limits answers again.</summary>
    SharedLimitsBack,
}
