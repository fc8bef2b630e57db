namespace TokenBudget.Testing;

/// <summary>Rate limits of one model class. Each is a bucket of that capacity, refilled continuously, full within one minute.</summary>
/// <remarks>Immutable. <see langword="null"/> means no limit, and then no header speaks of it.</remarks>
public sealed record SimulatedLimits
{
    /// <summary>Admitted requests per minute. 1,000 unless set.</summary>
    public long? RequestsPerMinute { get; init; } = 1_000;

    /// <summary>Fresh input plus cache-written tokens per minute; tokens read from the cache are free (documented). 2,000,000 unless set.</summary>
    public long? InputTokensPerMinute { get; init; } = 2_000_000;

    /// <summary>Output tokens per minute, charged as produced, <c>max_tokens</c> has no part in it (documented). 400,000 unless set.</summary>
    public long? OutputTokensPerMinute { get; init; } = 400_000;

    /// <summary>No limit at all and no rate-limit header, as some resellers behave.</summary>
    public static SimulatedLimits None { get; } = new() { RequestsPerMinute = null, InputTokensPerMinute = null, OutputTokensPerMinute = null };
}
