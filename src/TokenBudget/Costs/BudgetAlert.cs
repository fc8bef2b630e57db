using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>A budget's spending has reached a threshold, for the first time in its period.</summary>
/// <param name="Budget">The budget.</param>
/// <param name="PeriodStart">The period's first instant; none for <see cref="BudgetPeriod.Total"/>.</param>
/// <param name="Threshold">The amount that was reached.</param>
/// <param name="Percent">The threshold as a share of the limit; <see langword="null"/> for an absolute threshold.</param>
/// <param name="Settled">What was spent.</param>
/// <param name="Limit">The limit, if there is one.</param>
/// <param name="At">When.</param>
public sealed record BudgetAlert(
    string Budget,
    DateTimeOffset? PeriodStart,
    Usd Threshold,
    int? Percent,
    Usd Settled,
    Usd? Limit,
    DateTimeOffset At);
