using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TokenBudget.Testing;

/// <summary>All that the simulated provider remembers: limits, cache, log. One lock guards it.</summary>
internal sealed class Provider
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SimulatedModel> _models;
    private readonly LimitBook _limits;
    private readonly PromptCache _cache = new();
    private readonly List<Exchange> _log = [];
    private readonly Dictionary<(string Client, string Call), int> _attempts = [];
    private readonly Dictionary<(string Client, string Body), int> _answered = [];
    private readonly ConversationWatch _conversations = new();
    private readonly Dictionary<string, Connection> _open = new(StringComparer.Ordinal);
    private readonly List<Connection> _connections = [];
    private readonly Dictionary<string, string> _keyIds = new(StringComparer.Ordinal) { [""] = "" };
    private int _openRequests;
    private int _turns;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Provider(SimulatorOptions options)
    {
        Clock = new SimulatorClock(options.TimeProvider);
        _models = options.Models.ToDictionary(model => model.Id, StringComparer.Ordinal);
        _limits = new LimitBook(options, Clock.Now);
    }

    public SimulatorClock Clock { get; }

    public Exchange Arrive(Dialect dialect, string connectionId, string clientId, string key, int clientRetryCount)
    {
        lock (_gate)
        {
            if (!_keyIds.TryGetValue(key, out var keyId))
                _keyIds[key] = keyId = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, 4));
            var exchange = new Exchange
            {
                Number = _log.Count + 1,
                ArrivedAt = Clock.Now,
                ClientId = clientId,
                Key = key,
                KeyId = keyId,
                Dialect = dialect,
                ConnectionId = connectionId,
                ClientRetryCount = clientRetryCount,
            };
            _log.Add(exchange);
            if (_open.TryGetValue(connectionId, out var connection))
                connection.Last = exchange;
            _openRequests++;
            return exchange;
        }
    }

    /// <summary>Tells which logical call a request belongs to.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="callId">The id, where the client gave one.</param>
    /// <param name="body">A hash of the body, which stands in for it: who has a whole answer does not try again, so from then on the same body is another call.</param>
    public void Identify(Exchange exchange, string? callId, string body = "")
    {
        lock (_gate)
        {
            if (callId is null)
            {
                exchange.BodyHash = body;
                var earlier = _answered.GetValueOrDefault((exchange.ClientId, body));
                callId = earlier == 0 ? body : string.Create(CultureInfo.InvariantCulture, $"{body}#{earlier + 1}");
            }

            exchange.CallId = callId;
            var attempts = _attempts.GetValueOrDefault((exchange.ClientId, callId)) + 1;
            _attempts[(exchange.ClientId, callId)] = attempts;
            exchange.Attempt = attempts;
        }
    }

    public SimulatedModel Recognise(Exchange exchange, WireCall call)
    {
        lock (_gate)
        {
            exchange.ModelId = call.Model;
            exchange.PromptTokens = call.PromptTokens;
            exchange.IsStream = call.Stream;
            exchange.Model = _models.GetValueOrDefault(call.Model);
            return exchange.Model ?? throw new RequestRejectedException(exchange.Dialect.ModelNotFound(call.Model));
        }
    }

    public void Play(Exchange exchange, SimulatedFault? fault)
    {
        lock (_gate)
        {
            exchange.Fault = fault;
            if (fault?.NewLimits is { } limits)
                _limits.Change(exchange.Model!.LimitClass, limits, Clock.Now);
        }
    }

    /// <summary>Looks the prompt up in the cache and charges the limits, in one step.</summary>
    public PromptCacheLookup? Admit(Exchange exchange, WireCall call, out RateLimitRefusal? refusal)
    {
        lock (_gate)
        {
            var now = Clock.Now;
            var model = exchange.Model!;
            var lookup = exchange.Dialect.Look(_cache, model, call.Prompt, now);
            var demand = exchange.Dialect.Demand(call, model, lookup.Usage, _limits.Rules(model.LimitClass));
            refusal = _limits.Admit(exchange, demand, now);
            if (refusal is not null)
                return null;
            exchange.Demand = demand;
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
            exchange.LastNumberBeforeResponse = _log.Count;
            exchange.Usage = lookup.Usage;
            _conversations.Begin(exchange);
            _cache.Write(exchange.Model!, lookup, Clock.Now);
        }
    }

    public void Produce(Exchange exchange, int outputTokens)
    {
        if (outputTokens == 0)
            return;
        lock (_gate)
        {
            exchange.OutputTokens += outputTokens;
            _limits.TakeOutput(exchange, outputTokens, Clock.Now);
        }
    }

    /// <summary>A part of a stream has been sent.</summary>
    public void Deliver(Exchange exchange, StreamFrame frame)
    {
        if (exchange.Fault?.Break is null)
            return;
        lock (_gate)
            exchange.Delivered.Add(frame);
    }

    /// <summary>The whole reply is handed to the network. Called before the last byte leaves: whoever has it may ask again at once.</summary>
    public void Complete(Exchange exchange, GeneratedReply reply)
    {
        lock (_gate)
        {
            exchange.Completed = true;
            _limits.Settle(exchange, Clock.Now);
            _conversations.Complete(exchange, reply);
            if (exchange.BodyHash is { } body)
                _answered[(exchange.ClientId, body)] = _answered.GetValueOrDefault((exchange.ClientId, body)) + 1;
        }
    }

    /// <summary>The response is broken off, perhaps in its very last bytes.</summary>
    public void Cut(Exchange exchange)
    {
        lock (_gate)
        {
            if (exchange.Completed && exchange.BodyHash is { } body)
                _answered[(exchange.ClientId, body)]--;
            exchange.Completed = false;
        }
    }

    /// <summary>The messages of a request: it may go on with a reply that broke off.</summary>
    public void Continue(Exchange exchange, IReadOnlyList<SimulatedMessage> messages)
    {
        lock (_gate)
            _conversations.Continue(exchange, messages);
    }

    public void Fail(Exchange exchange, SimulatedError error)
    {
        lock (_gate)
        {
            exchange.RespondedAt = Clock.Now;
            exchange.Status = error.Status;
            exchange.LastNumberBeforeResponse = _log.Count;
            exchange.Error = error;
            exchange.RetryAfter = error.RetryAfter?.Told(Clock.Now) ?? error.WaitInWords;
            exchange.Completed = true;
            _limits.TakeFailed(exchange, Clock.Now);
        }
    }

    /// <summary>Nothing more happens with this request.</summary>
    public void End(Exchange exchange)
    {
        lock (_gate)
        {
            exchange.EndedAt = Clock.Now;
            _limits.Settle(exchange, Clock.Now);
            _openRequests--;
            Changed();
        }
    }

    public void ChangeLimits(string limitClass, SimulatedLimits limits)
    {
        lock (_gate)
            _limits.Change(limitClass, limits, Clock.Now);
    }

    public IReadOnlyList<LimitState> LimitStates(Exchange? exchange)
    {
        lock (_gate)
            return _limits.States(exchange, Clock.Now);
    }

    /// <summary>A connection is opened or closed.</summary>
    public void Connect(string connectionId, bool isOpen)
    {
        lock (_gate)
        {
            _turns++;
            if (isOpen)
                _connections.Add(_open[connectionId] = new Connection { Opened = _turns });
            else if (_open.Remove(connectionId, out var closed))
                closed.Closed = _turns;
            Changed();
        }
    }

    /// <summary>Every connection that carried a request, of one client or of all.</summary>
    public IReadOnlyList<Connection> Connections(string? clientId)
    {
        lock (_gate)
            return [.. _connections.Where(connection => connection.Last is { } last && (clientId is null || last.ClientId == clientId)).Select(connection => connection with { })];
    }

    /// <summary>What is open: requests, and connections by the last request that they carried.</summary>
    public (IReadOnlyList<SimulatedExchange> Requests, IReadOnlyList<SimulatedExchange?> Connections) Open()
    {
        lock (_gate)
            return ([.. _log.Where(exchange => exchange.EndedAt is null).Select(exchange => exchange.Freeze())], [.. _open.Values.Select(connection => connection.Last?.Freeze())]);
    }

    /// <summary>Waits, in real time, until nothing is open, but not for ever.</summary>
    public async Task SettleDownAsync(bool connectionsToo, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        giveUp.CancelAfter(patience);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_openRequests == 0 && (_open.Count == 0 || !connectionsToo))
                    return;
                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(giveUp.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Marks the reply of that id, or the last attempt of the call of that id, as taken for whole.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Accept(string id)
    {
        lock (_gate)
        {
            var exchange = _log.FindLast(exchange => exchange.ResponseId == id || exchange.CallId == id);
            if (exchange is not null)
                exchange.AcceptedAsComplete = true;
            return exchange is not null;
        }
    }

    public IReadOnlyList<SimulatedExchange> Log()
    {
        lock (_gate)
            return [.. _log.Select(exchange => exchange.Freeze())];
    }

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
