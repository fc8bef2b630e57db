namespace TokenBudget.Testing;

/// <summary>An exchange while it happens. Guarded by the provider's lock.</summary>
internal sealed class Exchange
{
    public required int Number { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }

    public required string ClientId { get; init; }

    public string CallId { get; set; } = "";

    public string ModelId { get; set; } = "";

    /// <summary>Set once the model is known to exist.</summary>
    public SimulatedModel? Model { get; set; }

    public DateTimeOffset? RespondedAt { get; set; }

    public int Status { get; set; }

    public string? ErrorType { get; set; }

    public string? ErrorMessage { get; set; }

    public TimeSpan? RetryAfter { get; set; }

    public SimulatedFaultKind? Fault { get; set; }

    public bool Completed { get; set; }

    public int PromptTokens { get; set; }

    /// <summary>Billed input: set when the response begins, because an error is not billed.</summary>
    public PromptUsage Usage { get; set; }

    public int OutputTokens { get; set; }

    public SimulatedExchange Freeze() => new()
    {
        Number = Number,
        ArrivedAt = ArrivedAt,
        RespondedAt = RespondedAt,
        ClientId = ClientId,
        CallId = CallId,
        Model = ModelId,
        LimitClass = Model?.LimitClass ?? "",
        Status = Status,
        ErrorType = ErrorType,
        ErrorMessage = ErrorMessage,
        RetryAfter = RetryAfter,
        Fault = Fault,
        Completed = Completed,
        PromptTokens = PromptTokens,
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
