namespace TokenBudget.Testing;

/// <summary>What a <see cref="ProviderSimulator"/> simulates.</summary>
/// <remarks>Read once, at start. The delegates are called from many threads at once.</remarks>
public sealed record SimulatorOptions
{
    /// <summary>The models on offer; any other is answered 404. At least one, ids unique.</summary>
    public required IReadOnlyList<SimulatedModel> Models { get; init; }

    /// <summary>What the model answers. See <see cref="ScriptedResponder"/> for a queue of replies.</summary>
    public required Func<SimulatedRequest, CancellationToken, ValueTask<SimulatedReply>> Responder { get; init; }

    /// <summary>The simulator's own clock: buckets, cache lifetimes, latency, headers. The system's unless set.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Loopback port, 0 to 65,535. 0 is any free port; when the wished port is taken the next free one is used.</summary>
    public int Port { get; init; }

    /// <summary>Limits of every model class that <see cref="LimitsByClass"/> does not name.</summary>
    public SimulatedLimits Limits { get; init; } = new();

    /// <summary>Limits of particular classes, by <see cref="SimulatedModel.LimitClass"/>.</summary>
    public IReadOnlyDictionary<string, SimulatedLimits> LimitsByClass { get; init; } = new Dictionary<string, SimulatedLimits>();

    /// <summary>
    /// Limits of workspaces (Anthropic) or projects (OpenAI), by the API key that belongs to one. They hold beside those of the organisation, for each
    /// model class apart. Their keys are good keys whatever <see cref="ApiKey"/> is.
    /// </summary>
    public IReadOnlyDictionary<string, SimulatedLimits> WorkspaceLimits { get; init; } = new Dictionary<string, SimulatedLimits>();

    /// <summary>Whether the provider is behind Azure: Anthropic's dialect then sends no rate-limit headers, OpenAI's whole seconds in them.</summary>
    public bool IsAzure { get; init; }

    /// <summary>Whether a 429 about speed says how long to wait. With OpenAI both are seen. <see langword="true"/> unless set.</summary>
    public bool SendsRetryAfter { get; init; } = true;

    /// <summary>Whether Anthropic's headers of the priority tier are sent too.</summary>
    public bool SendsPriorityHeaders { get; init; }

    /// <summary>How OpenAI streams report usage.</summary>
    public SimulatedStreamUsage StreamUsage { get; init; }

    /// <summary>Pace of the answers. At once unless set.</summary>
    public SimulatedLatency Latency { get; init; } = SimulatedLatency.None;

    /// <summary>When set, a request that has it neither as <c>x-api-key</c> or <c>api-key</c> nor as bearer token is answered 401.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Decides which valid request fails, and how; <see langword="null"/> from it means it does not. See <see cref="FaultPlan"/>.</summary>
    public Func<SimulatedRequest, SimulatedFault?>? Faults { get; init; }

    /// <summary>Header by which clients that share the simulator name themselves, for the log and the verdict.</summary>
    public string ClientIdHeader { get; init; } = "x-simulator-client";

    /// <summary>
    /// Header that carries an id of the logical call, the same on every retry. Without it <c>idempotency-key</c> is taken, and without that,
    /// requests of one client with equal bodies are one call until one of them has been answered whole. That is wrong when a client asks the
    /// same thing twice at the same time.
    /// </summary>
    public string CallIdHeader { get; init; } = "x-simulator-call";

    /// <summary>What the verdict holds against a client.</summary>
    public SimulatorVerdictRules VerdictRules { get; init; } = new();

    /// <summary>
    /// A fault that lasts until the client leaves (silence, nothing but pings) is over after so long, in real time; then the connection is
    /// closed. Above 0; 10 minutes unless set.
    /// </summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromMinutes(10);

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Models);
        ArgumentNullException.ThrowIfNull(Responder);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(VerdictRules);
        VerdictRules.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxSilence, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, ushort.MaxValue);
        if (Models.Count == 0)
            throw new ArgumentException("The simulator needs at least one model.", nameof(Models));
        if (Models.DistinctBy(model => model.Id, StringComparer.Ordinal).Count() != Models.Count)
            throw new ArgumentException("Two models have the same id.", nameof(Models));
        if (Latency.OutputTokensPerSecond <= 0 || Latency.TimeToFirstToken < TimeSpan.Zero)
            throw new ArgumentException("A latency must be positive.", nameof(Latency));
        foreach (var limits in LimitsByClass.Values.Concat(WorkspaceLimits.Values).Append(Limits))
            limits.Validate(nameof(Limits));
    }
}
