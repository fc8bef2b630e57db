namespace TokenBudget.Testing;

/// <summary>All that the simulated provider remembers: buckets, cache, log. One lock guards it.</summary>
internal sealed class Provider
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SimulatedModel> _models;
    private readonly Dictionary<string, RateLimits> _limits = new(StringComparer.Ordinal);
    private readonly PromptCache _cache = new();
    private readonly List<Exchange> _log = [];
    private readonly string _firstClass;

    public Provider(SimulatorOptions options)
    {
        Clock = new SimulatorClock(options.TimeProvider);
        _models = options.Models.ToDictionary(model => model.Id, StringComparer.Ordinal);
        _firstClass = options.Models[0].LimitClass;
        foreach (var name in options.Models.Select(model => model.LimitClass).Distinct(StringComparer.Ordinal))
            _limits[name] = new RateLimits(options.LimitsByClass.GetValueOrDefault(name, options.Limits), Clock.Now);
    }

    public SimulatorClock Clock { get; }

    public Exchange Arrive(string clientId)
    {
        lock (_gate)
        {
            var exchange = new Exchange { Number = _log.Count + 1, ArrivedAt = Clock.Now, ClientId = clientId };
            _log.Add(exchange);
            return exchange;
        }
    }

    public void Identify(Exchange exchange, string callId)
    {
        lock (_gate)
            exchange.CallId = callId;
    }

    public SimulatedModel Recognise(Exchange exchange, string modelId, int promptTokens)
    {
        lock (_gate)
        {
            exchange.ModelId = modelId;
            exchange.PromptTokens = promptTokens;
            exchange.Model = _models.GetValueOrDefault(modelId);
            return exchange.Model ?? throw new RequestRejectedException(404, "not_found_error", $"model: {modelId}");
        }
    }

    public void Play(Exchange exchange, SimulatedFault? fault)
    {
        lock (_gate)
            exchange.Fault = fault?.Kind;
    }

    /// <summary>Looks the prompt up in the cache and charges the buckets, in one step.</summary>
    public PromptCacheLookup? Admit(SimulatedModel model, IReadOnlyList<PromptPart> prompt, out RateLimitRefusal? refusal)
    {
        lock (_gate)
        {
            var now = Clock.Now;
            var lookup = _cache.Look(model, prompt, now);
            refusal = _limits[model.LimitClass].Admit(lookup.Usage.LimitCharge, now);
            if (refusal is not null)
                return null;
            _cache.Read(model, lookup, now);
            return lookup;
        }
    }

    /// <summary>The response begins: from now on the prompt is billed and what it wrote to the cache can be read.</summary>
    public void Begin(Exchange exchange, PromptCacheLookup lookup)
    {
        lock (_gate)
        {
            exchange.RespondedAt = Clock.Now;
            exchange.Status = 200;
            exchange.Usage = lookup.Usage;
            _cache.Write(exchange.Model!, lookup, Clock.Now);
        }
    }

    public void Produce(Exchange exchange, int outputTokens)
    {
        lock (_gate)
        {
            exchange.OutputTokens += outputTokens;
            _limits[exchange.Model!.LimitClass].ChargeOutput(outputTokens, Clock.Now);
        }
    }

    public void Complete(Exchange exchange)
    {
        lock (_gate)
            exchange.Completed = true;
    }

    public void Fail(Exchange exchange, int status, string type, string message, TimeSpan? retryAfter)
    {
        lock (_gate)
        {
            exchange.RespondedAt = Clock.Now;
            exchange.Status = status;
            exchange.ErrorType = type;
            exchange.ErrorMessage = message;
            exchange.RetryAfter = retryAfter;
            exchange.Completed = true;
        }
    }

    public IEnumerable<KeyValuePair<string, string>> LimitHeaders(SimulatedModel? model)
    {
        lock (_gate)
            return _limits[model?.LimitClass ?? _firstClass].Headers(Clock.Now);
    }

    public IReadOnlyList<SimulatedExchange> Log()
    {
        lock (_gate)
            return [.. _log.Select(exchange => exchange.Freeze())];
    }
}
