using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>How a budget stands after a request asked for room.</summary>
/// <param name="Taken">What all processes have spent and reserved in the period.</param>
/// <param name="Approved">What may be spent beyond the limit.</param>
/// <param name="IsPaused">Whether it is paused.</param>
/// <param name="Refuses">Whether the request does not fit it; then it was written nowhere.</param>
public readonly record struct BudgetBalance(Usd Taken, Usd Approved, bool IsPaused, bool Refuses);
