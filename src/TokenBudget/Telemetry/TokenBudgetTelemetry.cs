using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TokenBudget.Retries;

namespace TokenBudget.Telemetry;

/// <summary>
/// The meter and the source of spans named <c>TokenBudget</c>. The meter has only facts no other layer has: Microsoft.Extensions.AI's
/// OpenTelemetry client already counts tokens and durations under the gen_ai names. Prompts are never recorded.
/// </summary>
public sealed class TokenBudgetTelemetry : IDisposable
{
    /// <summary>The name of the meter, and of the source of spans.</summary>
    public const string Name = "TokenBudget";

    private readonly Meter _meter;
    private readonly Counter<long> _savedTokens;
    private readonly Counter<long> _expectedCacheRead;
    private readonly Counter<long> _cacheRead;
    private readonly Counter<double> _cost;
    private readonly Counter<double> _avoidedCost;
    private readonly Counter<long> _cacheLookups;
    private readonly Histogram<double> _throttled;
    private readonly Histogram<double> _overhead;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _alerts;
    private readonly Counter<long> _routed;
    private readonly Counter<long> _failures;
    private readonly ConcurrentDictionary<(string Agent, string Method), ActivityMeter> _activity = new();

    /// <summary>Creates the instruments.</summary>
    public TokenBudgetTelemetry()
    {
        // Its scope tells it from the meter of another runtime in the process.
        _meter = new Meter(new MeterOptions(Name) { Scope = this });
        _savedTokens = _meter.CreateCounter<long>("tokenbudget.tokens.saved", "{token}", "Input tokens a context window did not send.");
        _expectedCacheRead = _meter.CreateCounter<long>("tokenbudget.prompt_cache.expected", "{token}", "Input tokens the provider should have read from its prompt cache.");
        _cacheRead = _meter.CreateCounter<long>("tokenbudget.prompt_cache.read", "{token}", "Input tokens the provider did read from its prompt cache.");
        _cost = _meter.CreateCounter<double>("tokenbudget.cost", "USD", "Cost of settled requests.");
        _avoidedCost = _meter.CreateCounter<double>("tokenbudget.cost.avoided", "USD", "Cost that cached answers avoided.");
        _cacheLookups = _meter.CreateCounter<long>("tokenbudget.cache.lookups", "{lookup}", "Lookups in the response cache, by outcome.");
        _throttled = _meter.CreateHistogram<double>("tokenbudget.throttled", "s", "Time a request waited for its rate limit.");
        _overhead = _meter.CreateHistogram<double>("tokenbudget.overhead", "s", "Our own time per model request: neither waiting nor the provider.");
        _refused = _meter.CreateCounter<long>("tokenbudget.refused", "{request}", "Requests refused before they were sent, by reason.");
        _retries = _meter.CreateCounter<long>("tokenbudget.retries", "{retry}", "Requests sent again, by the kind of the failure.");
        _routed = _meter.CreateCounter<long>("tokenbudget.routed", "{request}", "Requests sent to another model than the agent's own, by reason.");
        _alerts = _meter.CreateCounter<long>("tokenbudget.alerts", "{alert}", "Budget thresholds reached.");
        _failures = _meter.CreateCounter<long>("tokenbudget.background.failures", "{failure}", "Failures that were kept from the caller: cache, summaries, ledger lines to be written again.");
    }

    /// <summary>What each method did since the start, by agent and method.</summary>
    public IReadOnlyList<MethodActivity> Activity =>
    [
        .. _activity.Select(static pair => pair.Value.Read(pair.Key.Agent, pair.Key.Method))
            .OrderBy(static activity => activity.Agent, StringComparer.Ordinal).ThenBy(static activity => activity.Method, StringComparer.Ordinal),
    ];

    internal CallSpans Spans { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        Spans.Dispose();
    }

    /// <summary>Where the requests of a method are added up; it is listed from now on.</summary>
    internal ActivityMeter ActivityOf(string agent, string method) => _activity.GetOrAdd((agent, method), static _ => new ActivityMeter());

    /// <summary>
    /// Whether our own time is measured for a request, and for how many it stands then: the clock readings of each would be a tenth of what they measure. Every one while somebody listens, and as long as there are few.
    /// </summary>
    /// <param name="before">How many requests there were before.</param>
    /// <returns>0, it is not.</returns>
    internal int MeasuredRequests(long before) => before < 64 || _overhead.Enabled ? 1 : before % 8 == 0 ? 8 : 0;

    internal void RequestSettled(string agent, ActivityMeter activity, in SettledRequest request)
    {
        activity.Add(request);
        var tag = new KeyValuePair<string, object?>("tokenbudget.agent", agent);
        if (request.SavedTokens > 0)
            _savedTokens.Add(request.SavedTokens, tag);
        // Decimals are slow to divide, and mostly nobody listens.
        if (_cost.Enabled)
            _cost.Add((double)request.Cost.Dollars, tag);
        if (request.Overhead.Requests > 0)
            _overhead.Record(request.Overhead.Time.TotalSeconds, tag);
        _throttled.Record(request.Throttled.TotalSeconds, tag);
        Spans.Settle(request);
    }

    internal void PromptCache(string agent, long expected, long read)
    {
        var tag = new KeyValuePair<string, object?>("tokenbudget.agent", agent);
        _expectedCacheRead.Add(expected, tag);
        _cacheRead.Add(read, tag);
    }

    internal void CacheLookup(string agent, string outcome)
    {
        _cacheLookups.Add(1, new KeyValuePair<string, object?>("tokenbudget.agent", agent), new KeyValuePair<string, object?>("tokenbudget.cache.outcome", outcome));
        Spans.LookUp(outcome);
    }

    internal void CostAvoided(string agent, decimal costUsd)
    {
        _avoidedCost.Add((double)costUsd, new KeyValuePair<string, object?>("tokenbudget.agent", agent));
        Spans.Avoid(costUsd);
    }

    internal void Refused(string agent, string reason)
    {
        _refused.Add(1, new KeyValuePair<string, object?>("tokenbudget.agent", agent), new KeyValuePair<string, object?>("tokenbudget.reason", reason));
        Spans.Refuse(reason);
    }

    internal void Retried(string agent, ProviderErrorKind kind)
    {
        _retries.Add(1, new KeyValuePair<string, object?>("tokenbudget.agent", agent), new KeyValuePair<string, object?>("error.type", kind.ToString()));
        Spans.Retry(kind);
    }

    internal void Routed(string agent, string model, string reason)
    {
        _routed.Add(
            1,
            new KeyValuePair<string, object?>("tokenbudget.agent", agent),
            new KeyValuePair<string, object?>("gen_ai.request.model", model),
            new KeyValuePair<string, object?>("tokenbudget.reason", reason));
        Spans.Route(model, reason);
    }

    internal void Alert(string budget) => _alerts.Add(1, new KeyValuePair<string, object?>("tokenbudget.budget", budget));

    internal void Failure(string part) => _failures.Add(1, new KeyValuePair<string, object?>("tokenbudget.part", part));
}
