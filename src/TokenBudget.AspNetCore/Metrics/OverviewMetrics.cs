using TokenBudget.AspNetCore.Monitoring;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Answer of <c>GET /api/metrics</c>: the other answers of one instant, tokens and costs of the present day.</summary>
/// <param name="At">When, by the runtime's clock.</param>
/// <param name="Tokens">As <c>GET /api/metrics/tokens</c> from the first instant of the day.</param>
/// <param name="Cache">As <c>GET /api/metrics/cache</c>.</param>
/// <param name="Costs">As <c>GET /api/metrics/costs</c> from the first instant of the day.</param>
internal sealed record OverviewMetrics(DateTimeOffset At, TokenMetrics Tokens, CacheMetrics Cache, CostMetrics Costs)
{
    public int V => 1;
}

/// <summary>The same as a message of <c>/api/alerts</c>.</summary>
internal sealed record MetricsNotice(OverviewMetrics Metrics)
{
    public int V => 1;

    public string Type => "metrics";
}

/// <summary>Answer of <c>GET /api/metrics/history</c>.</summary>
internal sealed record HistoryMetrics(IReadOnlyList<Sample> Samples);
