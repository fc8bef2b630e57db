using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>What a request wants of one budget.</summary>
/// <param name="Name">The budget's name.</param>
/// <param name="Period">Its period.</param>
/// <param name="From">When the period began; <see langword="null"/> for <see cref="BudgetPeriod.Total"/>.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Limit">The most that may be spent, approvals not counted; <see langword="null"/>, there is none.</param>
/// <param name="PausesAtLimit">Whether a request that does not fit pauses the budget.</param>
/// <param name="Spent">What was spent in the period before the budget was first claimed in it.</param>
/// <param name="Approved">What was approved in the period before that.</param>
public readonly record struct BudgetClaim(
    string Name, BudgetPeriod Period, DateTimeOffset? From, DateTimeOffset? Until, Usd? Limit, bool PausesAtLimit, Usd Spent, Usd Approved);
