namespace TokenBudget.RateLimiting;

/// <summary>What a provider says of its limits with one answer, whatever its headers are called.</summary>
/// <remarks>What a provider does not say stays <see langword="null"/> and changes nothing.</remarks>
public sealed record RateLimitReading
{
    /// <summary>Requests per minute.</summary>
    public LimitReading? Requests { get; init; }

    /// <summary>Input tokens per minute.</summary>
    public LimitReading? InputTokens { get; init; }

    /// <summary>Output tokens per minute.</summary>
    public LimitReading? OutputTokens { get; init; }

    /// <summary>Input and output tokens together, per minute.</summary>
    public LimitReading? TotalTokens { get; init; }

    /// <summary>How long to send nothing, as of the reading; set for answers that say so (429, 503, 529).</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the answer was a refusal. Any other answer shows that requests pass again, which ends a cool-down's wait for its probe.</summary>
    public bool Refused { get; init; }

    /// <summary>How long ago the answer came; normally zero. Requests admitted since then are not in the reading.</summary>
    public TimeSpan Age { get; init; }
}
