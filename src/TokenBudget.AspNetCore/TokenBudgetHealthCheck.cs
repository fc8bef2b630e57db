using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenBudget.AspNetCore.Monitoring;
using TokenBudget.Costs;

namespace TokenBudget.AspNetCore;

/// <summary>
/// The state of ledger, budgets, limits and cache. A ledger that cannot be read or written is a failure: budgets in dollars are closed. Paused budgets (by hand or at their limit), full queues, providers that want
/// nothing sent and a second cache level that is not asked are degraded.
/// </summary>
/// <param name="runtime">The runtime.</param>
public sealed class TokenBudgetHealthCheck(TokenBudgetRuntime runtime) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly TokenBudgetRuntime _runtime = runtime ?? throw new ArgumentNullException(nameof(runtime));

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var unreadable = await ReadErrorAsync(cancellationToken).ConfigureAwait(false);
        var limits = _runtime.RateLimits;
        var budgets = _runtime.Costs.GetStatus();
        var byHand = budgets.Where(static budget => budget.PausedByHand is not null).Select(static budget => budget.Name).Distinct().ToList();
        var paused = budgets.Where(static budget => budget is { IsPaused: true, PausedByHand: null }).Select(static budget => budget.Name).Distinct().ToList();
        var fullQueues = limits.Where(static limit => limit.Waiting > 0 && limit.Waiting >= limit.Limits.QueueLimit).Select(static limit => limit.Name).ToList();
        var stopped = limits.Where(static limit => limit.PausedFor > TimeSpan.Zero).Select(static limit => limit.Name).ToList();
        var cachePaused = _runtime.Cache.GetStatistics().SecondLevelPaused;
        var data = new Dictionary<string, object>
        {
            ["ledger"] = unreadable is not null ? "unreadable" : _runtime.Costs.IsLedgerFailing ? "refuses lines" : "ok",
            ["unwrittenLedgerLines"] = _runtime.Costs.UnwrittenEntries,
            ["pausedBudgets"] = paused,
            ["budgetsPausedByHand"] = byHand,
            ["waitingCalls"] = limits.Sum(static limit => limit.Waiting),
            ["fullestRateLimit"] = limits.Select(static limit => LimitPressure.Of(limit).Share).DefaultIfEmpty().Max(),
            ["fullQueues"] = fullQueues,
            ["rateLimitsPausedByProvider"] = stopped,
            ["cacheSecondLevel"] = cachePaused ? "paused" : "ok",
        };
        // The kind of the error alone: a store may quote addresses and names in its own words.
        if (unreadable is not null)
            return new HealthCheckResult(context.Registration.FailureStatus, $"The ledger cannot be read ({unreadable}); budgets in dollars are closed.", data: data);
        if (_runtime.Costs.IsLedgerFailing)
            return new HealthCheckResult(context.Registration.FailureStatus, "Ledger lines could not be written; budgets in dollars are closed until they are.", data: data);
        string[] reasons =
        [
            .. paused.Count > 0 ? [$"paused budgets: {string.Join(", ", paused)}"] : Array.Empty<string>(),
            .. byHand.Count > 0 ? [$"budgets paused by hand: {string.Join(", ", byHand)}"] : Array.Empty<string>(),
            .. fullQueues.Count > 0 ? [$"full queues: {string.Join(", ", fullQueues)}"] : Array.Empty<string>(),
            .. stopped.Count > 0 ? [$"rate limits the provider has paused: {string.Join(", ", stopped)}"] : Array.Empty<string>(),
            .. cachePaused ? ["the second level of the response cache is not asked"] : Array.Empty<string>(),
        ];
        return reasons.Length == 0
            ? HealthCheckResult.Healthy("Ledger, budgets and limits are in order.", data)
            : HealthCheckResult.Degraded(string.Join("; ", reasons) + ".", data: data);
    }

    /// <summary>Asks the ledger something that costs it nothing.</summary>
    /// <returns>The kind of the error, or <see langword="null"/>.</returns>
    private async Task<string?> ReadErrorAsync(CancellationToken cancellationToken)
    {
        var now = _runtime.Time.GetUtcNow();
        try
        {
            await _runtime.Ledger.SumCostAsync(new LedgerQuery { From = now, Until = now.AddTicks(1) }, cancellationToken).AsTask().WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            return exception.GetType().Name;
        }
    }
}
