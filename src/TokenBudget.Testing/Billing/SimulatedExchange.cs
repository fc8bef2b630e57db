namespace TokenBudget.Testing;

/// <summary>One request to <c>/v1/messages</c> and what came of it, as of the moment the log was read.</summary>
/// <remarks>Immutable. Times are on the simulator's clock.</remarks>
public sealed record SimulatedExchange
{
    /// <summary>Place in the order of arrival, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>When the request arrived.</summary>
    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>When the response began; <see langword="null"/> while it has not.</summary>
    public DateTimeOffset? RespondedAt { get; init; }

    /// <summary>Who sent it, by <see cref="SimulatorOptions.ClientIdHeader"/>; empty when not said.</summary>
    public required string ClientId { get; init; }

    /// <summary>The logical call: <see cref="SimulatorOptions.CallIdHeader"/>, or a hash of the body; empty when the body was not read.</summary>
    public required string CallId { get; init; }

    /// <summary>The model asked for; empty when the request was not understood.</summary>
    public required string Model { get; init; }

    /// <summary>The model's rate-limit class; empty when there is no such model.</summary>
    public required string LimitClass { get; init; }

    /// <summary>HTTP status; 0 while there is no response.</summary>
    public required int Status { get; init; }

    /// <summary>Error type of the body, e.g. <c>rate_limit_error</c>; <see langword="null"/> when it went well.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Error message of the body; <see langword="null"/> when it went well.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>What the client was told to wait; <see langword="null"/> when nothing was said.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The fault played on it, if any.</summary>
    public SimulatedFaultKind? Fault { get; init; }

    /// <summary>Whether the whole reply was handed to the network.</summary>
    public required bool Completed { get; init; }

    /// <summary>All prompt tokens, also of a refused request; 0 when the request was not understood.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Billed input tokens neither read from the cache nor written to it.</summary>
    public required int InputTokens { get; init; }

    /// <summary>Billed input tokens read from the cache.</summary>
    public required int CacheReadTokens { get; init; }

    /// <summary>Billed input tokens written to the cache for 5 minutes.</summary>
    public required int CacheWrite5MinutesTokens { get; init; }

    /// <summary>Billed input tokens written to the cache for 1 hour.</summary>
    public required int CacheWrite1HourTokens { get; init; }

    /// <summary>Billed output tokens: those produced, also when the client left early.</summary>
    public required int OutputTokens { get; init; }

    /// <summary>Cost in pico-dollars (10⁻¹² $).</summary>
    public required long PicoDollars { get; init; }
}
