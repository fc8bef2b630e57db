using TokenBudget.AspNetCore.Monitoring;
using TokenBudget.Costs;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Answer of <c>GET /api/metrics/costs</c>. Dollars are written with every digit they have, as numbers; forecasts are rounded.</summary>
internal sealed record CostMetrics(
    DateTimeOffset? From,
    DateTimeOffset? Until,
    IReadOnlyList<AgentCost> Agents,
    IReadOnlyList<DayCost> Days,
    decimal TotalUsd,
    decimal AvoidedUsd,
    IReadOnlyList<BudgetUse> Budgets,
    IReadOnlyList<int> AlertPercents,
    decimal? AlertThresholdUsd,
    int UnwrittenLedgerLines,
    bool IsLedgerFailing);

/// <summary>Answer of <c>POST /api/budgets/{name}/pause</c>.</summary>
internal sealed record BudgetPaused(string Name);

/// <summary>Answer of <c>POST /api/budgets/{name}/resume</c>.</summary>
internal sealed record BudgetResumed(string Name, decimal ExtraUsd);

/// <summary>Dollars of one agent and model.</summary>
internal sealed record AgentCost(string Agent, string Model, long Requests, decimal CostUsd, long AvoidedRequests, decimal AvoidedUsd);

/// <summary>Dollars of one day, in UTC.</summary>
internal sealed record DayCost(DateOnly Day, long Requests, decimal CostUsd, decimal AvoidedUsd);

/// <summary>A pause that somebody made by hand.</summary>
internal sealed record HandPause(DateTimeOffset At, string? Reason)
{
    public static HandPause? Of(BudgetStatus budget) => budget.PausedByHand is { } pause ? new(pause.At, pause.Reason) : null;
}

/// <summary>A budget in its current period, whatever range was asked for. <c>pausedByHand</c> is there only where somebody has paused it; otherwise it has paused itself at its limit.</summary>
internal sealed record BudgetUse(
    string Name,
    BudgetPeriod Period,
    DateTimeOffset? PeriodStart,
    DateTimeOffset? PeriodEnd,
    decimal? LimitUsd,
    decimal ApprovedUsd,
    decimal SettledUsd,
    decimal ReservedUsd,
    bool IsPaused,
    HandPause? PausedByHand,
    Forecast? Forecast)
{
    public static BudgetUse Of(BudgetStatus budget, Forecast? forecast) => new(
        budget.Name,
        budget.Period,
        budget.PeriodStart,
        budget.PeriodEnd,
        budget.Limit?.Dollars,
        budget.Approved.Dollars,
        budget.Settled.Dollars,
        budget.Reserved.Dollars,
        budget.IsPaused,
        HandPause.Of(budget),
        forecast);
}
