using Microsoft.AspNetCore.Http;
using TokenBudget.AspNetCore.Monitoring;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>The answers to <c>GET</c>. They change nothing.</summary>
internal sealed class MetricsEndpoints(RuntimeMonitor monitor)
{
    public async Task OverviewAsync(HttpContext context)
    {
        if (!await RefusesQueryAsync(context).ConfigureAwait(false))
            await Answer.JsonAsync(context, await monitor.Numbers.ReadOverviewAsync(context.RequestAborted).ConfigureAwait(false), MetricsJson.Default.OverviewMetrics).ConfigureAwait(false);
    }

    public async Task TokensAsync(HttpContext context)
    {
        if (await RangeAsync(context).ConfigureAwait(false) is { } range)
            await Answer.JsonAsync(context, await monitor.Numbers.ReadTokensAsync(range, context.RequestAborted).ConfigureAwait(false), MetricsJson.Default.TokenMetrics).ConfigureAwait(false);
    }

    public async Task CacheAsync(HttpContext context)
    {
        if (!await RefusesQueryAsync(context).ConfigureAwait(false))
            await Answer.JsonAsync(context, await monitor.Numbers.ReadCacheAsync(context.RequestAborted).ConfigureAwait(false), MetricsJson.Default.CacheMetrics).ConfigureAwait(false);
    }

    public async Task CostsAsync(HttpContext context)
    {
        if (await RangeAsync(context).ConfigureAwait(false) is { } range)
            await Answer.JsonAsync(context, await monitor.Numbers.ReadCostsAsync(range, context.RequestAborted).ConfigureAwait(false), MetricsJson.Default.CostMetrics).ConfigureAwait(false);
    }

    public async Task HistoryAsync(HttpContext context)
    {
        if (!await RefusesQueryAsync(context).ConfigureAwait(false))
            await Answer.JsonAsync(context, new HistoryMetrics(monitor.History.Samples), MetricsJson.Default.HistoryMetrics).ConfigureAwait(false);
    }

    private static async Task<TimeRange?> RangeAsync(HttpContext context)
    {
        if (TimeRange.TryRead(context.Request.Query, out var range, out var problem))
            return range;
        await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
        return null;
    }

    private static async Task<bool> RefusesQueryAsync(HttpContext context)
    {
        if (QueryNames.Unknown(context.Request.Query) is not { } problem)
            return false;
        await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
        return true;
    }
}
