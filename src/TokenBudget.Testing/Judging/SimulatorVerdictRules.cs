namespace TokenBudget.Testing;

/// <summary>What a verdict holds against a client, where that is a matter of degree. Everything else is wrong anyway.</summary>
/// <remarks>Immutable. Times are on the simulator's clock.</remarks>
public sealed record SimulatorVerdictRules
{
    /// <summary>The most requests for one call, the first included. 5 unless set; <see langword="null"/> allows any number.</summary>
    public int? MaxAttempts { get; init; } = 5;

    /// <summary>
    /// After a cool-down, so many requests may arrive before the first of them is answered (or <see cref="ProbeTime"/> is over): who was refused
    /// should ask carefully, not with everybody at once. 1 unless set; <see langword="null"/> allows any number.
    /// </summary>
    public int? MaxProbes { get; init; } = 1;

    /// <summary>How long an unanswered probe keeps the others back. 1 s unless set.</summary>
    public TimeSpan ProbeTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most requests for all calls together, as a multiple of the calls; 1.1 allows one retry to ten calls. Not judged unless set.</summary>
    public double? MaxRequestsPerCall { get; init; }

    /// <summary>The most 429s; 0 for a client that keeps to the limits by itself. Not judged unless set.</summary>
    public int? MaxRateLimited { get; init; }

    /// <summary>
    /// The most connections open at once. Responses that are neither read nor closed, and a client of its own for each call, show here, even where
    /// the reply is so small that it has left the provider. Not judged unless set.
    /// </summary>
    public int? MaxConnections { get; init; }

    /// <summary>The most requests of one model class in any 60 s, answered or not. Not judged unless set.</summary>
    public long? MaxRequestsPerMinute { get; init; }

    /// <summary>The most input tokens of one model class in any 60 s, fresh or written to the cache. Not judged unless set.</summary>
    public long? MaxInputTokensPerMinute { get; init; }

    /// <summary>The most output tokens of one model class in any 60 s. Not judged unless set.</summary>
    public long? MaxOutputTokensPerMinute { get; init; }

    /// <summary>The most tokens of one model class in any 60 s: those read from the cache too. Not judged unless set.</summary>
    public long? MaxTokensPerMinute { get; init; }

    /// <summary>
    /// A request that arrives so soon after another call was refused may have been sent before the refusal was known, so it is not held
    /// against the client. 250 ms unless set.
    /// </summary>
    public TimeSpan InFlightGrace { get; init; } = TimeSpan.FromMilliseconds(250);

    internal void Validate()
    {
        if (MaxAttempts < 1 || MaxProbes < 1 || MaxRequestsPerCall < 1)
            throw new ArgumentException($"{this}: at least one request for a call, and one probe, must be allowed.", nameof(SimulatorOptions.VerdictRules));
        if (MaxConnections < 1 || MaxRateLimited < 0)
            throw new ArgumentException($"{this}: at least one connection must be allowed, and no number of 429s is negative.", nameof(SimulatorOptions.VerdictRules));
        if (MaxRequestsPerMinute < 0 || MaxInputTokensPerMinute < 0 || MaxOutputTokensPerMinute < 0 || MaxTokensPerMinute < 0)
            throw new ArgumentException($"{this}: a limit cannot be negative.", nameof(SimulatorOptions.VerdictRules));
        if (ProbeTime < TimeSpan.Zero || InFlightGrace < TimeSpan.Zero)
            throw new ArgumentException($"{this}: a time cannot be negative.", nameof(SimulatorOptions.VerdictRules));
    }
}
