using TokenBudget.Caching;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget;

/// <summary>A method's result with what it took: return <c>Task&lt;AgentReply&lt;T&gt;&gt;</c> instead of <c>Task&lt;T&gt;</c> to get it.</summary>
/// <param name="Value">The result.</param>
/// <typeparam name="T">What the method would return otherwise: text, an enum, a type read from JSON, the response.</typeparam>
/// <remarks>Summaries are made after the reply and so are in the ledger, not in here.</remarks>
public sealed record AgentReply<T>(T Value)
{
    /// <summary>Tokens of all requests of the call, those that failed and were billed included. None when the answer came from the cache.</summary>
    public TokenUsage Usage { get; init; }

    /// <summary>What they cost; nothing for a model without a price.</summary>
    public Usd Cost { get; init; }

    /// <summary>Whether a part of <see cref="Usage"/> was counted here, because the provider did not report it.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>The model that gave the answer, as it calls itself; <see langword="null"/> when nobody says.</summary>
    public string? ModelId { get; init; }

    /// <summary>Requests that were answered: 1, and one more for each round of tools; 0 from the cache.</summary>
    public int Requests { get; init; }

    /// <summary>Requests that failed and were tried again.</summary>
    public int Retries { get; init; }

    /// <summary>How long the requests waited for the rate limit, all together.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Input tokens the window left out, of all requests together.</summary>
    public long TrimmedTokens { get; init; }

    /// <summary>Whether a summary stood in for the older part of the conversation.</summary>
    public bool IsSummarized { get; init; }

    /// <summary>Whether the answer came from the response cache; <see langword="null"/> when the method is not cached.</summary>
    public CacheOutcome? Cache { get; init; }
}
