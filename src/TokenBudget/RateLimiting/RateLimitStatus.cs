namespace TokenBudget.RateLimiting;

/// <summary>A limiter at one instant.</summary>
/// <param name="Name">The limit's name.</param>
/// <param name="Limits">Its limits.</param>
/// <param name="Requests">Requests of the last minute, open ones included.</param>
/// <param name="InputTokens">Input tokens used in the last minute or reserved.</param>
/// <param name="OutputTokens">Output tokens used in the last minute or reserved.</param>
/// <param name="Open">Reservations not yet settled.</param>
/// <param name="Waiting">Callers that wait.</param>
public sealed record RateLimitStatus(string Name, RateLimits Limits, long Requests, long InputTokens, long OutputTokens, int Open, int Waiting)
{
    /// <summary>All tokens of the last minute or reserved, as the limit counts them.</summary>
    public long TotalTokens { get; init; }

    /// <summary>What holds now: the smaller of each limit and what the provider reported.</summary>
    public RateLimits Effective { get; init; } = Limits;

    /// <summary>How much of the limits may be used now: 1, or less after <see cref="TokenRateLimiter.SlowDown"/>.</summary>
    public double Share { get; init; } = 1;

    /// <summary>How long the provider wants nothing sent; zero when it does not mind.</summary>
    public TimeSpan PausedFor { get; init; }
}
