using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Calls;

/// <summary>What one call has used so far; every request of it adds its part. Not thread-safe: the requests of a call follow each other.</summary>
internal sealed class CallReport
{
    private TokenUsage _usage;
    private Usd _cost = Usd.Zero;
    private bool _isEstimate;
    private string? _modelId;
    private int _requests;
    private int _retries;
    private TimeSpan _waited;
    private long _trimmed;

    /// <summary>What the response cache said, if it was asked.</summary>
    public CacheOutcome? Cache { get; set; }

    /// <summary>Something beside the requests has cost something.</summary>
    public void Add(Usd cost) => _cost += cost;

    /// <summary>A request is settled.</summary>
    public void Add(PreparedRequest request, TokenUsage usage, Usd cost, bool isEstimate, LedgerOutcome outcome, string? answeredBy, long trimmed)
    {
        _usage += usage;
        _cost += cost;
        _isEstimate |= isEstimate;
        _waited += request.Rate.Waited;
        _trimmed += trimmed;
        if (outcome is LedgerOutcome.Completed)
        {
            _requests++;
            _modelId = answeredBy ?? request.Fitted.ModelId;
        }
        else
        {
            _retries++;
        }
    }

    /// <summary>The reply to the caller.</summary>
    /// <param name="value">The result.</param>
    /// <param name="response">What it was read from. Where nothing was settled, because the budget is off or the answer was there, it alone speaks.</param>
    public AgentReply<T> ToReply<T>(T value, ChatResponse response) => new(value)
    {
        Usage = _requests > 0 ? _usage : TokenUsage.From(response.Usage) ?? default,
        Cost = _cost,
        IsEstimate = _isEstimate,
        ModelId = _modelId ?? response.ModelId,
        Requests = _requests,
        Retries = _retries,
        Waited = _waited,
        TrimmedTokens = _trimmed,
        Cache = Cache,
    };
}
