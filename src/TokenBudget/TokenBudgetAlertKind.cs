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
}
