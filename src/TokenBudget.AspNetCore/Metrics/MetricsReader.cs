using TokenBudget.AspNetCore.Monitoring;
using TokenBudget.Costs;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>Reads the numbers. Names nobody but agents, methods, models and budgets; a budget that each tenant has for itself carries the tenant's name.</summary>
internal sealed class MetricsReader(TokenBudgetRuntime runtime, SpendingPace pace)
{
    public async ValueTask<TokenMetrics> ReadTokensAsync(TimeRange range, CancellationToken cancellationToken) =>
        TokensOf(range, await TotalsAsync(range, LedgerGrouping.Agent | LedgerGrouping.Model, cancellationToken).ConfigureAwait(false));

    public async ValueTask<CacheMetrics> ReadCacheAsync(CancellationToken cancellationToken) =>
        CacheOf(await TotalsAsync(default, LedgerGrouping.Agent | LedgerGrouping.Model, cancellationToken).ConfigureAwait(false));

    public async ValueTask<CostMetrics> ReadCostsAsync(TimeRange range, CancellationToken cancellationToken) =>
        CostsOf(range, await TotalsAsync(range, LedgerGrouping.Agent | LedgerGrouping.Model | LedgerGrouping.Day, cancellationToken).ConfigureAwait(false));

    /// <summary>Everything, tokens and costs of the present day.</summary>
    public async ValueTask<OverviewMetrics> ReadOverviewAsync(CancellationToken cancellationToken)
    {
        var now = runtime.Time.GetUtcNow();
        var today = new TimeRange(new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero), null);
        var totals = await TotalsAsync(today, LedgerGrouping.Agent | LedgerGrouping.Model | LedgerGrouping.Day, cancellationToken).ConfigureAwait(false);
        return new OverviewMetrics(now, TokensOf(today, totals), await ReadCacheAsync(cancellationToken).ConfigureAwait(false), CostsOf(today, totals));
    }

    private TokenMetrics TokensOf(TimeRange range, IReadOnlyList<LedgerTotal> totals) => new(
        range.From,
        range.Until,
        [
            .. ByAgentAndModel(totals)
                .Select(static group => new AgentTokens(
                    group.Key.Agent, group.Key.Model, group.Sum(static total => total.Requests), TokenCounts.Of(group.Aggregate(default(TokenUsage), static (sum, total) => sum + total.Usage)))),
        ],
        totals.Sum(static total => total.Requests),
        TokenCounts.Of(totals.Aggregate(default(TokenUsage), static (sum, total) => sum + total.Usage)),
        SinceStart.Of(runtime.Telemetry.Activity),
        [.. runtime.RateLimits.Select(RateLimitUse.Of)]);

    private CacheMetrics CacheOf(IReadOnlyList<LedgerTotal> totals)
    {
        var statistics = runtime.Cache.GetStatistics();
        var lookups = statistics.Hits + statistics.Misses + statistics.Shared;
        return new CacheMetrics(
            statistics.Hits,
            statistics.Misses,
            statistics.Shared,
            statistics.Stale,
            lookups == 0 ? null : (double)(statistics.Hits + statistics.Shared) / lookups,
            statistics.Stored,
            statistics.Evicted,
            statistics.Expired,
            statistics.Rejected,
            statistics.Failures,
            statistics.SecondLevelHits,
            statistics.SecondLevelFailures,
            statistics.SecondLevelPaused,
            statistics.Entries,
            statistics.Bytes,
            statistics.MaxBytes,
            totals.Sum(static total => total.AvoidedRequests),
            totals.Sum(static total => total.AvoidedUsage.Total),
            totals.Sum(static total => total.AvoidedCost.Dollars));
    }

    private CostMetrics CostsOf(TimeRange range, IReadOnlyList<LedgerTotal> totals)
    {
        var now = runtime.Time.GetUtcNow();
        return new CostMetrics(
            range.From,
            range.Until,
            [
                .. ByAgentAndModel(totals).Select(static group => new AgentCost(
                    group.Key.Agent,
                    group.Key.Model,
                    group.Sum(static total => total.Requests),
                    group.Sum(static total => total.Cost.Dollars),
                    group.Sum(static total => total.AvoidedRequests),
                    group.Sum(static total => total.AvoidedCost.Dollars))),
            ],
            [
                .. totals.GroupBy(static total => total.Key.Day!.Value).OrderBy(static group => group.Key).Select(static group => new DayCost(
                    group.Key,
                    group.Sum(static total => total.Requests),
                    group.Sum(static total => total.Cost.Dollars),
                    group.Sum(static total => total.AvoidedCost.Dollars))),
            ],
            totals.Sum(static total => total.Cost.Dollars),
            totals.Sum(static total => total.AvoidedCost.Dollars),
            [.. runtime.Costs.GetStatus().Select(budget => BudgetUse.Of(budget, pace.Of(budget, now)))],
            runtime.Costs.AlertPercents,
            runtime.Costs.AlertThreshold?.Dollars,
            runtime.Costs.UnwrittenEntries,
            runtime.Costs.IsLedgerFailing);
    }

    private static IEnumerable<IGrouping<(string Agent, string Model), LedgerTotal>> ByAgentAndModel(IReadOnlyList<LedgerTotal> totals) => totals
        .GroupBy(static total => (Agent: total.Key.Agent!, Model: total.Key.Model!))
        .OrderBy(static group => group.Key.Agent, StringComparer.Ordinal)
        .ThenBy(static group => group.Key.Model, StringComparer.Ordinal);

    private ValueTask<IReadOnlyList<LedgerTotal>> TotalsAsync(TimeRange range, LedgerGrouping by, CancellationToken cancellationToken) =>
        runtime.Ledger.TotalAsync(new LedgerQuery { From = range.From, Until = range.Until }, by, cancellationToken);
}
