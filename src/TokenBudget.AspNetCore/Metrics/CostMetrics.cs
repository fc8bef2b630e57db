namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Answer of <c>GET /api/metrics/costs</c>. Dollars are written with every digit they have, as numbers.</summary>
internal sealed record CostMetrics(
    DateTimeOffset? From,
    DateTimeOffset? Until,
    IReadOnlyList<AgentCost> Agents,
    decimal TotalUsd,
    decimal AvoidedUsd,
    IReadOnlyList<BudgetUse> Budgets,
    int UnwrittenLedgerLines);

/// <summary>Dollars of one agent and model.</summary>
internal sealed record AgentCost(string Agent, string Model, long Requests, decimal CostUsd, long AvoidedRequests, decimal AvoidedUsd);

/// <summary>A budget in its current period, whatever range was asked for.</summary>
internal sealed record BudgetUse(
    string Name,
    BudgetPeriod Period,
    DateTimeOffset? PeriodStart,
    decimal? LimitUsd,
    decimal SettledUsd,
    decimal ReservedUsd);
