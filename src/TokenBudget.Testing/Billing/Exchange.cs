namespace TokenBudget.Testing;

/// <summary>An exchange while it happens. Guarded by the provider's lock.</summary>
internal sealed class Exchange
{
    public required int Number { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }

    public required string ClientId { get; init; }

    public required string Key { get; init; }

    /// <summary>Tells keys apart without showing them.</summary>
    public required string KeyId { get; init; }

    public required Dialect Dialect { get; init; }

    public required string ConnectionId { get; init; }

    public string CallId { get; set; } = "";

    public int Attempt { get; set; }

    /// <summary>Set where the body identifies the call.</summary>
    public string? BodyHash { get; set; }

    /// <summary>What an official client says about its own retries; 0 when it says nothing.</summary>
    public int ClientRetryCount { get; init; }

    public string ModelId { get; set; } = "";

    /// <summary>Set once the model is known to exist.</summary>
    public SimulatedModel? Model { get; set; }

    public bool IsStream { get; set; }

    /// <summary>Set once it is admitted.</summary>
    public LimitDemand? Demand { get; set; }

    public bool IsCountedAsFailed { get; set; }

    public bool IsSettled { get; set; }

    public DateTimeOffset? RespondedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public int Status { get; set; }

    public SimulatedError? Error { get; set; }

    public TimeSpan? RetryAfter { get; set; }

    public SimulatedFault? Fault { get; set; }

    public bool Completed { get; set; }

    public int PromptTokens { get; set; }

    /// <summary>Billed input: set when the response begins, because an error is not billed.</summary>
    public PromptUsage Usage { get; set; }

    public int OutputTokens { get; set; }

    /// <summary>Whether the client says that it took the reply for whole.</summary>
    public bool AcceptedAsComplete { get; set; }

    /// <summary>The request that quotes this broken reply as the model's words.</summary>
    public int? ContinuedBy { get; set; }

    /// <summary>What the client has of the reply; for streams only.</summary>
    public DeliveredReply Delivered { get; } = new();

    /// <summary>How many requests had arrived when this one was answered.</summary>
    public int LastNumberBeforeResponse { get; set; } = int.MaxValue;

    public string ResponseId => Dialect.ReplyId(Number);

    public SimulatedExchange Freeze() => new()
    {
        Number = Number,
        Dialect = Dialect.Name,
        ArrivedAt = ArrivedAt,
        RespondedAt = RespondedAt,
        EndedAt = EndedAt,
        ClientId = ClientId,
        KeyId = KeyId,
        CallId = CallId,
        Attempt = Attempt,
        ClientRetryCount = ClientRetryCount,
        ResponseId = ResponseId,
        Model = ModelId,
        LimitClass = Model?.LimitClass ?? "",
        IsStream = IsStream,
        Status = Status,
        ErrorType = Error?.Type,
        ErrorCode = Error?.Code,
        ErrorMessage = Error?.Message,
        IsPlayed = Error is not null && Error == Fault?.ErrorFor(Dialect.Name),
        MayBeRetried = Error?.MayBeRetried ?? true,
        RetryAfter = RetryAfter,
        Fault = Fault,
        Completed = Completed,
        AcceptedAsComplete = AcceptedAsComplete,
        ContinuedBy = ContinuedBy,
        LastNumberBeforeResponse = LastNumberBeforeResponse,
        PromptTokens = PromptTokens,
        ChargedTokens = Demand is { } demand ? Math.Max(demand.Input, demand.Total) : 0,
        InputTokens = Usage.Fresh,
        CacheReadTokens = Usage.Read,
        CacheWrite5MinutesTokens = Usage.Write5Minutes,
        CacheWrite1HourTokens = Usage.Write1Hour,
        OutputTokens = OutputTokens,
        PicoDollars = Cost(),
    };

    private long Cost() => Model is null ? 0 : checked(
        (Usage.Fresh * Model.Input)
        + (Usage.Read * Model.CacheRead)
        + (Usage.Write5Minutes * Model.CacheWrite5Minutes)
        + (Usage.Write1Hour * Model.CacheWrite1Hour)
        + (OutputTokens * Model.Output));
}
