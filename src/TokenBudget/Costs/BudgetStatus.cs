using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>A budget's current period at one instant.</summary>
/// <param name="Name">The budget.</param>
/// <param name="Period">Its period.</param>
/// <param name="PeriodStart">The period's first instant; none for <see cref="BudgetPeriod.Total"/>.</param>
/// <param name="Limit">The limit, if there is one.</param>
/// <param name="Settled">What was spent.</param>
/// <param name="Reserved">What open calls may still spend.</param>
public sealed record BudgetStatus(string Name, BudgetPeriod Period, DateTimeOffset? PeriodStart, Usd? Limit, Usd Settled, Usd Reserved)
{
    /// <summary>The first instant after the period; none for <see cref="BudgetPeriod.Total"/>.</summary>
    public DateTimeOffset? PeriodEnd { get; init; }

    /// <summary>What was approved in this period beyond the limit.</summary>
    public Usd Approved { get; init; }

    /// <summary>Whether the budget takes no calls: until somebody approves or the next period begins, or as <see cref="PausedByHand"/> says.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The pause, where somebody made it by hand; <see langword="null"/>, the budget is paused because a call did not fit, or not at all.</summary>
    public BudgetPause? PausedByHand { get; init; }
}
