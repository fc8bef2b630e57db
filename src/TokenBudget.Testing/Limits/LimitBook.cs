namespace TokenBudget.Testing;

/// <summary>All limits: of the organisation for every model class, and of workspaces, each for every model class.</summary>
/// <remarks>Not thread-safe: the simulator's lock guards it.</remarks>
internal sealed class LimitBook
{
    private readonly SimulatorOptions _options;
    private readonly Dictionary<string, RateLimits> _organisation = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Key, string Class), RateLimits> _workspaces = [];
    private readonly string _firstClass;

    public LimitBook(SimulatorOptions options, DateTimeOffset now)
    {
        _options = options;
        _firstClass = options.Models[0].LimitClass;
        foreach (var name in options.Models.Select(model => model.LimitClass).Distinct(StringComparer.Ordinal))
            _organisation[name] = new RateLimits(options.LimitsByClass.GetValueOrDefault(name, options.Limits), isWorkspace: false, now);
    }

    /// <summary>What is in force for a class in the whole organisation.</summary>
    public SimulatedLimits Rules(string limitClass) => _organisation[limitClass].Rules;

    /// <summary>Every limit must have room, or none is charged.</summary>
    public RateLimitRefusal? Admit(Exchange exchange, LimitDemand demand, DateTimeOffset now)
    {
        if (Refuse(exchange, demand, now) is { } refusal)
        {
            TakeFailed(exchange, now);
            // Once more: what the refused request has cost belongs to the wait that is told.
            return Refuse(exchange, demand, now) ?? refusal;
        }

        foreach (var limits in Of(exchange, now))
            limits.Take(demand, now);
        return null;
    }

    /// <summary>A failed request counts once as a request, where the dialect says so; an admitted one was counted then.</summary>
    public void TakeFailed(Exchange exchange, DateTimeOffset now)
    {
        if (!exchange.Dialect.CountsFailedRequests || exchange.Model is null || exchange.Demand is not null || exchange.IsCountedAsFailed)
            return;
        exchange.IsCountedAsFailed = true;
        foreach (var limits in Of(exchange, now))
            limits.TakeFailed(now);
    }

    public void TakeOutput(Exchange exchange, int tokens, DateTimeOffset now)
    {
        foreach (var limits in Of(exchange, now))
            limits.TakeOutput(exchange.Demand!.Value, tokens, now);
    }

    /// <summary>Once for each request, when it is over.</summary>
    public void Settle(Exchange exchange, DateTimeOffset now)
    {
        if (exchange.Demand is not { } demand || exchange.IsSettled)
            return;
        exchange.IsSettled = true;
        foreach (var limits in Of(exchange, now))
            limits.Settle(demand, exchange.Usage.Total, exchange.OutputTokens, now);
    }

    public void Change(string limitClass, SimulatedLimits limits, DateTimeOffset now)
    {
        if (!_organisation.TryGetValue(limitClass, out var there))
            throw new ArgumentException($"No model is of the class '{limitClass}'; there are: {string.Join(", ", _organisation.Keys)}.", nameof(limitClass));
        there.Change(limits, now);
    }

    public IReadOnlyList<LimitState> States(Exchange? exchange, DateTimeOffset now) =>
        [.. (exchange?.Model is null ? [_organisation[_firstClass]] : Of(exchange, now)).SelectMany(limits => limits.States(now))];

    private RateLimitRefusal? Refuse(Exchange exchange, LimitDemand demand, DateTimeOffset now) =>
        Of(exchange, now).Select(limits => limits.Refuse(demand, now)).Where(refusal => refusal is not null).MaxBy(refusal => refusal!.Value.Wait);

    private List<RateLimits> Of(Exchange exchange, DateTimeOffset now)
    {
        var limitClass = exchange.Model!.LimitClass;
        List<RateLimits> all = [_organisation[limitClass]];
        if (_options.WorkspaceLimits.TryGetValue(exchange.Key, out var rules))
        {
            if (!_workspaces.TryGetValue((exchange.Key, limitClass), out var workspace))
                _workspaces[(exchange.Key, limitClass)] = workspace = new RateLimits(rules, isWorkspace: true, now);
            all.Add(workspace);
        }

        return all;
    }
}
