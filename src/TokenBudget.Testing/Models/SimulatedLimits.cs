namespace TokenBudget.Testing;

/// <summary>Rate limits of one model class. Each is a bucket of that capacity, refilled continuously, full within its minute or day.</summary>
/// <remarks>
/// Immutable. <see langword="null"/> means no limit, and then no header speaks of it. A dialect looks at its own dimensions only:
/// Anthropic at requests, input and output, and at all tokens where they are set; OpenAI at requests and all tokens, by the minute and by the day.
/// </remarks>
public sealed record SimulatedLimits
{
    /// <summary>Requests per minute. 1,000 unless set.</summary>
    public long? RequestsPerMinute { get; init; } = 1_000;

    /// <summary>Anthropic: fresh input plus cache-written tokens per minute; tokens read from the cache are free (documented). 2,000,000 unless set.</summary>
    public long? InputTokensPerMinute { get; init; } = 2_000_000;

    /// <summary>Anthropic: output tokens per minute, charged as produced, <c>max_tokens</c> has no part in it (documented). 400,000 unless set.</summary>
    public long? OutputTokensPerMinute { get; init; } = 400_000;

    /// <summary>
    /// All tokens per minute. OpenAI charges at admission the larger of <c>max_tokens</c> and an estimate from the characters (documented),
    /// and tokens read from the cache count too. None unless set.
    /// </summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Requests per day. None unless set.</summary>
    public long? RequestsPerDay { get; init; }

    /// <summary>All tokens per day, charged as <see cref="TokensPerMinute"/>. None unless set.</summary>
    public long? TokensPerDay { get; init; }

    /// <summary>Whether 60 requests a minute are enforced as 1 a second (documented as possible by Anthropic).</summary>
    public bool EnforcesRequestsBySecond { get; init; }

    /// <summary>Anthropic: whether tokens read from the cache count against the input limit, as with older models (documented).</summary>
    public bool CountsCachedInput { get; init; }

    /// <summary>Anthropic: whether the output limit is charged <c>max_tokens</c> at admission and corrected at the end, as in 2025 (documented then).</summary>
    public bool ReservesMaxTokens { get; init; }

    /// <summary>OpenAI: whether the charge at admission becomes the real usage at the end. Not documented; run both ways.</summary>
    public bool CorrectToActualUsage { get; init; }

    /// <summary>How fast traffic may grow. As fast as it likes unless set.</summary>
    public SimulatedAcceleration? Acceleration { get; init; }

    /// <summary>No limit at all and no rate-limit header, as some resellers behave.</summary>
    public static SimulatedLimits None { get; } = new() { RequestsPerMinute = null, InputTokensPerMinute = null, OutputTokensPerMinute = null };

    internal void Validate(string name)
    {
        foreach (var limit in (ReadOnlySpan<long?>)[RequestsPerMinute, InputTokensPerMinute, OutputTokensPerMinute, TokensPerMinute, RequestsPerDay, TokensPerDay])
        {
            if (limit <= 0)
                throw new ArgumentException($"A limit of {limit} is not positive; null means none.", name);
        }

        if (Acceleration is { } growth && !(growth.MaxGrowth > 0 && growth.FreeTokens > 0))
            throw new ArgumentException($"{growth} lets nothing pass: both figures must be above 0.", name);
    }
}
