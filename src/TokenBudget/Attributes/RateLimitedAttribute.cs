namespace TokenBudget;

/// <summary>Holds the rate of requests and tokens, in any sliding 60 seconds. Zero means "not said here".</summary>
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

    /// <summary>The most attempts of one request, the first included.</summary>
    public int MaxAttempts { get; set; }

    /// <summary>How many seconds after its call began a request may still be sent; what would have to wait longer fails at once.</summary>
    public int MaxWaitSeconds { get; set; }

    /// <summary>Agents and methods that name the same limit share it. Unset: one limit per agent.</summary>
    public string? LimitName { get; set; }
}
