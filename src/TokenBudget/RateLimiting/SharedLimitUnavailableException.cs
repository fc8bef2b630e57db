namespace TokenBudget.RateLimiting;

/// <summary>A request was refused because the store through which processes share a limit is away, and what this process may use without it is used up.</summary>
public sealed class SharedLimitUnavailableException : TokenBudgetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="limitName">The name of the limit.</param>
    /// <param name="message">What was refused, why, and the way out.</param>
    /// <param name="innerException">What the store threw.</param>
    public SharedLimitUnavailableException(string limitName, string message, Exception? innerException = null)
        : base(message, innerException) => LimitName = limitName;

    /// <summary>The name of the limit.</summary>
    public string LimitName { get; }
}
