namespace TokenBudget.Testing;

/// <summary>What a client can do wrong.</summary>
public enum SimulatorFindingKind
{
    /// <summary>A request before the <c>retry-after</c> of an earlier refusal of the same client, key and model class was over.</summary>
    EarlyCall,

    /// <summary>After a cool-down, more requests at once than <see cref="SimulatorVerdictRules.MaxProbes"/>, before the first of them was answered.</summary>
    Storm,

    /// <summary>A request that repeats a call whose error never goes away: money, a wrong key, what is invalid or too large.</summary>
    ForbiddenRetry,

    /// <summary>A request answered 400 or 413 that no fault plan failed on purpose.</summary>
    InvalidRequest,

    /// <summary>More requests for one call than <see cref="SimulatorVerdictRules.MaxAttempts"/>.</summary>
    TooManyAttempts,

    /// <summary>More requests for all calls together than <see cref="SimulatorVerdictRules.MaxRequestsPerCall"/>.</summary>
    TooManyRequests,

    /// <summary>More 429s than <see cref="SimulatorVerdictRules.MaxRateLimited"/>.</summary>
    RateLimited,

    /// <summary>More connections open at once than <see cref="SimulatorVerdictRules.MaxConnections"/>.</summary>
    TooManyConnections,

    /// <summary>More tokens or requests in some 60 s than the rules allow.</summary>
    OverLimit,

    /// <summary>A reply that broke off was taken for a whole one.</summary>
    TruncatedReply,

    /// <summary>A request or connection that the client, though done, holds open.</summary>
    Leak,
}
