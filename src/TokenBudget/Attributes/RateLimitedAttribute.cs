namespace TokenBudget;

/// <summary>Holds the rate of requests and tokens, in any sliding 60 seconds unless told otherwise. Zero means "not said here".</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface | AttributeTargets.Assembly)]
public sealed class RateLimitedAttribute : Attribute
{
    /// <summary>Input and output tokens together, per minute.</summary>
    public long TokensPerMinute { get; set; }

    /// <summary>Input tokens per minute.</summary>
    public long InputTokensPerMinute { get; set; }

    /// <summary>Output tokens per minute.</summary>
    public long OutputTokensPerMinute { get; set; }

    /// <summary>Model requests per minute.</summary>
    public long RequestsPerMinute { get; set; }

    /// <summary>The most requests that may be open at the same time.</summary>
    public int MaxConcurrentRequests { get; set; }

    /// <summary>Input and output tokens together, per minute, of each tenant.</summary>
    public long TenantTokensPerMinute { get; set; }

    /// <summary>Model requests per minute of each tenant.</summary>
    public long TenantRequestsPerMinute { get; set; }

    /// <summary>How it is counted. A provider's bucket is that of the model's provider.</summary>
    public RateLimitMode Mode { get; set; }

    /// <summary>What is held of a request until its answer is there.</summary>
    public RateEstimate Estimate { get; set; }

    /// <summary>Whose turn it is when callers of the same limit wait.</summary>
    public RatePriority Priority { get; set; }

    /// <summary>The most attempts of one request, the first included.</summary>
    public int MaxAttempts { get; set; }

    /// <summary>How many seconds after its call began a request may still be sent; what would have to wait longer fails at once.</summary>
    public int MaxWaitSeconds { get; set; }

    /// <summary>How the limit is held while the store through which processes share it is away.</summary>
    public StoreFallback WhenStoreIsAway { get; set; }

    /// <summary>Agents and methods that name the same limit share it. Unset: one limit per agent.</summary>
    public string? LimitName { get; set; }
}
