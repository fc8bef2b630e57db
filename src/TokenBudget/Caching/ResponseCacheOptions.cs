namespace TokenBudget.Caching;

/// <summary>How much a <see cref="ResponseCache"/> keeps, and for how long.</summary>
public sealed class ResponseCacheOptions
{
    /// <summary>The most bytes kept, answers and what it takes to find them; at least 1. 100 MB (104,857,600 bytes) unless set.</summary>
    public long MaxBytes { get; set; } = 100L * 1024 * 1024;

    /// <summary>How long an answer serves that names no time of its own; positive. 60 minutes unless set.</summary>
    public TimeSpan DefaultTtl { get; set; } = TimeSpan.FromMinutes(60);

    /// <summary>
    /// By how much at most an answer's time is shortened, as a share of it, so that what was made together does not end together; from 0 to 0.5. 0.1 unless set. By how much is decided by
    /// the key, so that all processes agree.
    /// </summary>
    public double TtlJitter { get; set; } = 0.1;

    /// <summary>The longest a call waits for the second level, and an order to clear it; positive. 100 ms unless set. Answers are written there beside the call.</summary>
    public TimeSpan SecondLevelTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After how many failures in a row the second level is not asked any more for a while; at least 1. 5 unless set.</summary>
    public int SecondLevelFailures { get; set; } = 5;

    /// <summary>For how long it is then not asked; positive. 30 s unless set. After that one call asks it, to see.</summary>
    public TimeSpan SecondLevelPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest entry written to or read from the second level, in bytes; at least 1,024. 1 MB unless set.</summary>
    public int SecondLevelMaxPayloadBytes { get; set; } = 1024 * 1024;

    internal void Validate()
    {
        if (TtlJitter is not (>= 0 and <= 0.5))
            throw new ArgumentOutOfRangeException(nameof(TtlJitter), TtlJitter, "TtlJitter is a share of the answer's time: from 0 to 0.5.");
        if (SecondLevelTimeout <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(SecondLevelTimeout), SecondLevelTimeout, "SecondLevelTimeout must be positive; leave the second level out to do without.");
        if (SecondLevelFailures < 1)
            throw new ArgumentOutOfRangeException(nameof(SecondLevelFailures), SecondLevelFailures, "SecondLevelFailures must be at least 1.");
        if (SecondLevelPause <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(SecondLevelPause), SecondLevelPause, "SecondLevelPause must be positive.");
        if (SecondLevelMaxPayloadBytes < 1024)
            throw new ArgumentOutOfRangeException(nameof(SecondLevelMaxPayloadBytes), SecondLevelMaxPayloadBytes, "SecondLevelMaxPayloadBytes must be at least 1,024.");
        if (MaxBytes < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxBytes), MaxBytes, "The response cache needs room: MaxBytes must be at least 1.");
        if (DefaultTtl <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(DefaultTtl), DefaultTtl, "An answer must serve for some time: DefaultTtl must be positive.");
    }
}
