namespace TokenBudget.Caching;

/// <summary>How much a <see cref="ResponseCache"/> keeps, and for how long.</summary>
public sealed class ResponseCacheOptions
{
    /// <summary>The most bytes kept, answers and what it takes to find them; at least 1. 100 MB (104,857,600 bytes) unless set.</summary>
    public long MaxBytes { get; set; } = 100L * 1024 * 1024;

    /// <summary>How long an answer serves that names no time of its own; positive. 60 minutes unless set.</summary>
    public TimeSpan DefaultTtl { get; set; } = TimeSpan.FromMinutes(60);

    internal void Validate()
    {
        if (MaxBytes < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxBytes), MaxBytes, "The response cache needs room: MaxBytes must be at least 1.");
        if (DefaultTtl <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(DefaultTtl), DefaultTtl, "An answer must serve for some time: DefaultTtl must be positive.");
    }
}
