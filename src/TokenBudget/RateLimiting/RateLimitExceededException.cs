namespace TokenBudget.RateLimiting;

/// <summary>A request was refused by a rate limit instead of waiting: it can never fit, or too many wait already.</summary>
public sealed class RateLimitExceededException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="limitName">The name of the limit.</param>
    /// <param name="message">What was refused, why, and the way out.</param>
    /// <param name="retryAfter">When it may fit; <see langword="null"/>, never.</param>
    public RateLimitExceededException(string limitName, string message, TimeSpan? retryAfter)
        : base(message)
    {
        LimitName = limitName;
        RetryAfter = retryAfter;
    }

    /// <summary>The name of the limit.</summary>
    public string LimitName { get; }

    /// <summary>When it may fit; <see langword="null"/>, never.</summary>
    public TimeSpan? RetryAfter { get; }
}
