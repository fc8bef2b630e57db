namespace TokenBudget.Testing;

/// <summary>One request to a model and what came of it, as of the moment the log was read.</summary>
/// <remarks>Immutable. Times are on the simulator's clock.</remarks>
public sealed record SimulatedExchange
{
    /// <summary>Place in the order of arrival, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The language it was made in.</summary>
    public required SimulatedDialect Dialect { get; init; }

    /// <summary>When the request arrived: when its headers were read, to the tick of the clock.</summary>
    public required DateTimeOffset ArrivedAt { get; init; }

    /// <summary>When the response began; <see langword="null"/> while it has not.</summary>
    public DateTimeOffset? RespondedAt { get; init; }

    /// <summary>When nothing more was to be sent; <see langword="null"/> while the request is open.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Who sent it, by <see cref="SimulatorOptions.ClientIdHeader"/>; empty when not said.</summary>
    public required string ClientId { get; init; }

    /// <summary>The first digits of the key's SHA-256: tells keys apart without showing them; empty when there was none.</summary>
    public required string KeyId { get; init; }

    /// <summary>
    /// The logical call: <see cref="SimulatorOptions.CallIdHeader"/>, <c>idempotency-key</c>, or a hash of the body; empty when the body was not read.
    /// </summary>
    public required string CallId { get; init; }

    /// <summary>The how-manyth request of its logical call it is, from 1; 0 when the body was not read.</summary>
    public required int Attempt { get; init; }

    /// <summary>What <c>x-stainless-retry-count</c> said: above 0 the client's SDK itself retried.</summary>
    public required int ClientRetryCount { get; init; }

    /// <summary>The id that a reply to it has, e.g. <c>msg_sim_00000001</c>: what a client knows it by.</summary>
    public required string ResponseId { get; init; }

    /// <summary>The model asked for; empty when the request was not understood.</summary>
    public required string Model { get; init; }

    /// <summary>The model's rate-limit class; empty when there is no such model.</summary>
    public required string LimitClass { get; init; }

    /// <summary>Whether a stream was asked for.</summary>
    public required bool IsStream { get; init; }

    /// <summary>HTTP status; 0 while there is no response.</summary>
    public required int Status { get; init; }

    /// <summary>Error type of the body, e.g. <c>rate_limit_error</c>; <see langword="null"/> when it went well.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Error code of the body, e.g. <c>insufficient_quota</c>; <see langword="null"/> when it has none or it went well.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Error message of the body; <see langword="null"/> when it went well.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Whether the error was played by the fault plan, so that the client is not to blame for it.</summary>
    public required bool IsPlayed { get; init; }

    /// <summary>Whether a request that got this answer may be sent again: <see langword="false"/> for errors that never go away.</summary>
    public required bool MayBeRetried { get; init; }

    /// <summary>What the client was told to wait, by headers or else in words; <see langword="null"/> when nothing was said, or nonsense.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The fault played on it, if any.</summary>
    public SimulatedFault? Fault { get; init; }

    /// <summary>Whether the whole reply was handed to the network.</summary>
    public required bool Completed { get; init; }

    /// <summary>Whether the client said by <see cref="ProviderSimulator.ReportComplete"/> that it took the reply for whole.</summary>
    public required bool AcceptedAsComplete { get; init; }

    /// <summary>
    /// The later request that sends this reply, which broke off, back as the model's words and goes on; <see langword="null"/> when none does.
    /// </summary>
    public int? ContinuedBy { get; init; }

    /// <summary>All prompt tokens, also of a refused request; 0 when the request was not understood.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Tokens that the limits were charged at admission; 0 when it was not admitted.</summary>
    public required long ChargedTokens { get; init; }

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

    /// <summary>The last request that had arrived when this one was answered: those up to it cannot have known of the answer.</summary>
    internal int LastNumberBeforeResponse { get; init; }

    /// <summary>Cost in pico-dollars (10⁻¹² $).</summary>
    public required long PicoDollars { get; init; }
}
