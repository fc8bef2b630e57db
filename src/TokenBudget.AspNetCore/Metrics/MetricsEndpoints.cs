using Microsoft.AspNetCore.Http;
using TokenBudget.Costs;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>The answers to <c>GET</c>. They change nothing and name no prompt, tenant or user.</summary>
internal sealed class MetricsEndpoints(TokenBudgetRuntime runtime)
{
    public async Task TokensAsync(HttpContext context)
    {
        if (!TimeRange.TryRead(context.Request.Query, out var range, out var problem))
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }

        var totals = await TotalsAsync(range, context.RequestAborted);
        var (requests, saved, overhead, throttled) = runtime.Telemetry.Totals;
        await Answer.JsonAsync(
            context,
            new TokenMetrics(
                range.From,
                range.Until,
                [.. totals.Select(static total => new AgentTokens(total.Key.Agent, total.Key.Model, total.Requests, TokenCounts.Of(total.Usage)))],
                totals.Sum(static total => total.Requests),
                TokenCounts.Of(totals.Aggregate(default(TokenUsage), static (sum, total) => sum + total.Usage)),
                new SinceStart(requests, saved, throttled.TotalSeconds, overhead.TotalSeconds),
                [.. runtime.RateLimits.Select(RateLimitUse.Of)]),
            MetricsJson.Default.TokenMetrics);
    }

    public async Task CacheAsync(HttpContext context)
    {
        if (QueryNames.Unknown(context.Request.Query) is { } problem)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }

        var totals = await TotalsAsync(default, context.RequestAborted);
        var statistics = runtime.Cache.GetStatistics();
        var lookups = statistics.Hits + statistics.Misses + statistics.Shared;
        await Answer.JsonAsync(
            context,
            new CacheMetrics(
                statistics.Hits,
                statistics.Misses,
                statistics.Shared,
                lookups == 0 ? null : (double)(statistics.Hits + statistics.Shared) / lookups,
                statistics.Stored,
                statistics.Evicted,
                statistics.Expired,
                statistics.Rejected,
                statistics.Failures,
                statistics.Entries,
                statistics.Bytes,
                totals.Sum(static total => total.AvoidedRequests),
                totals.Sum(static total => total.AvoidedUsage.Total),
                totals.Sum(static total => total.AvoidedCost.Dollars)),
            MetricsJson.Default.CacheMetrics);
    }

    public async Task CostsAsync(HttpContext context)
    {
        if (!TimeRange.TryRead(context.Request.Query, out var range, out var problem))
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }

        var totals = await TotalsAsync(range, context.RequestAborted);
        await Answer.JsonAsync(
            context,
            new CostMetrics(
                range.From,
                range.Until,
                [.. totals.Select(static total => new AgentCost(
                    total.Key.Agent, total.Key.Model, total.Requests, total.Cost.Dollars, total.AvoidedRequests, total.AvoidedCost.Dollars))],
                totals.Sum(static total => total.Cost.Dollars),
                totals.Sum(static total => total.AvoidedCost.Dollars),
                [.. runtime.Costs.GetStatus().Select(static budget => new BudgetUse(
                    budget.Name, budget.Period, budget.PeriodStart, budget.Limit?.Dollars, budget.Settled.Dollars, budget.Reserved.Dollars))],
                runtime.Costs.UnwrittenEntries),
            MetricsJson.Default.CostMetrics);
    }

    private ValueTask<IReadOnlyList<LedgerTotal>> TotalsAsync(TimeRange range, CancellationToken cancellationToken) =>
        runtime.Ledger.TotalAsync(new LedgerQuery { From = range.From, Until = range.Until }, cancellationToken: cancellationToken);
}
