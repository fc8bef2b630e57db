namespace TokenBudget.RateLimiting;

/// <summary>What one request takes of a rate limit, before it is sent (an upper bound) or after it was answered (the truth).</summary>
/// <param name="InputTokens">Input tokens that count towards the limit; not negative.</param>
/// <param name="OutputTokens">Output tokens; not negative.</param>
public readonly record struct TokenDemand(long InputTokens, long OutputTokens)
{
    /// <summary>Both together; what is beyond the range is its end.</summary>
    public long TotalTokens => InputTokens > long.MaxValue - OutputTokens ? long.MaxValue : InputTokens + OutputTokens;

    /// <summary>No request is near this; sums of what claims to be more would leave the range of their numbers.</summary>
    private const long MostTokens = 1L << 42;

    /// <summary>The same, within the range that can be added up.</summary>
    internal TokenDemand Clamped => new(Math.Min(InputTokens, MostTokens), Math.Min(OutputTokens, MostTokens));

    /// <summary>Throws when an amount is negative: it would make room that is not there.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(InputTokens);
        ArgumentOutOfRangeException.ThrowIfNegative(OutputTokens);
    }
}
