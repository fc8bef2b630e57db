using TokenBudget.Models;

namespace TokenBudget.Telemetry;

/// <summary>A model request that is over.</summary>
internal readonly record struct SettledRequest
{
    public Usd Cost { get; init; }

    /// <summary>Input tokens the window did not send.</summary>
    public long SavedTokens { get; init; }

    /// <summary>What they would have cost at least.</summary>
    public Usd SavedCost { get; init; }

    /// <summary>Input tokens, those of the prompt cache included.</summary>
    public long InputTokens { get; init; }

    public long CacheReadTokens { get; init; }

    public long CacheWriteTokens { get; init; }

    /// <summary>Output tokens, reasoning included.</summary>
    public long OutputTokens { get; init; }

    /// <summary>How it ended: <c>completed</c>, <c>cancelled</c>, <c>failed</c>.</summary>
    public string Outcome { get; init; }

    /// <summary>Whether the tokens are our own count.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>The limit of the context, if there is one.</summary>
    public int? MaxInputTokens { get; init; }

    /// <summary>Our own time.</summary>
    public MeasuredTime Overhead { get; init; }

    /// <summary>How long it waited for its rate limit.</summary>
    public TimeSpan Throttled { get; init; }
}
