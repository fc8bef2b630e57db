namespace TokenBudget.RateLimiting;

/// <summary>What one request takes of a rate limit, before it is sent (an upper bound) or after it was answered (the truth).</summary>
/// <param name="InputTokens">Input tokens that count towards the limit; not negative.</param>
/// <param name="OutputTokens">Output tokens; not negative.</param>
public readonly record struct TokenDemand(long InputTokens, long OutputTokens)
{
    /// <summary>Both together.</summary>
    public long TotalTokens => InputTokens + OutputTokens;
}
