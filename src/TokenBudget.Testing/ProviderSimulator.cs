using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>
/// A model provider on loopback HTTP, speaking Anthropic's <c>POST /v1/messages</c> and OpenAI's <c>POST /v1/chat/completions</c>: it counts by
/// its own rule, keeps a prompt cache, enforces rate limits, fails as planned, writes an exact bill and judges its client.
/// </summary>
/// <remarks>
/// Thread-safe. It shares no code with the product it judges. To compare clients, start one simulator for each: cold cache, full
/// buckets and an empty bill are then the same for all. Clients that are to compete for one limit share a simulator and name themselves by
/// <see cref="SimulatorOptions.ClientIdHeader"/>. No real provider was called to build it; each rule in the code names its source.
/// </remarks>
public sealed class ProviderSimulator : IAsyncDisposable
{
    private readonly SimulatorOptions _options;
    private readonly Provider _provider;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CallEndpoint _calls;
    private readonly Dialect[] _dialects;
    private WebApplication? _server;
    private int _disposed;

    private ProviderSimulator(SimulatorOptions options)
    {
        _options = options;
        _provider = new Provider(options);
        _calls = new CallEndpoint(options, _provider, _stopping.Token);
        _dialects = [new AnthropicDialect(options), new OpenAIDialect(options)];
    }

    /// <summary>Where it listens, e.g. <c>http://127.0.0.1:5005/</c>.</summary>
    public Uri BaseAddress { get; private set; } = null!;

    /// <summary>The bill so far, of all clients and models.</summary>
    public SimulatorBill Bill => SimulatorBill.Of(_provider.Log());

    /// <summary>The bill so far by model id; only models that were asked for.</summary>
    public IReadOnlyDictionary<string, SimulatorBill> BillByModel => _provider.Log()
        .Where(exchange => exchange.LimitClass.Length > 0)
        .GroupBy(exchange => exchange.Model, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, SimulatorBill.Of, StringComparer.Ordinal);

    /// <summary>Every request to a model so far, in order of arrival.</summary>
    public IReadOnlyList<SimulatedExchange> Log => _provider.Log();

    /// <summary>Starts a simulator.</summary>
    /// <param name="options">What it simulates.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">No port is free.</exception>
    public static async Task<ProviderSimulator> StartAsync(SimulatorOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var simulator = new ProviderSimulator(options);
        simulator._server = await LoopbackServer.StartAsync(options.Port, simulator.RouteAsync, simulator._provider.Connect, cancellationToken);
        simulator.BaseAddress = new Uri(simulator._server.Urls.Single());
        return simulator;
    }

    /// <summary>Sets the limits of a model class from now on. What has been used stays used.</summary>
    /// <param name="limits">The new limits of the organisation.</param>
    /// <param name="limitClass">The class, by <see cref="SimulatedModel.LimitClass"/>.</param>
    /// <exception cref="ArgumentException">No model is of that class, or a limit is out of range.</exception>
    public void SetLimits(SimulatedLimits limits, string limitClass = "default")
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(limitClass);
        limits.Validate(nameof(limits));
        _provider.ChangeLimits(limitClass, limits);
    }

    /// <summary>
    /// The client says that it took a reply for whole. The verdict holds it against the client if the reply was not.
    /// </summary>
    /// <param name="id">
    /// The id of the reply, as the client saw it (<c>ChatResponse.ResponseId</c>), or that of the logical call, of which the last attempt is meant.
    /// </param>
    /// <exception cref="ArgumentException">There was no such reply or call.</exception>
    public void ReportComplete(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        if (!_provider.Accept(id))
            throw new ArgumentException($"The simulator gave no reply with the id '{id}' and knows no call of that name.", nameof(id));
    }

    /// <summary>Judges the behaviour so far. What is under way is no leak yet: see <see cref="GetFinalVerdictAsync"/>.</summary>
    /// <param name="clientId">Only that client's; all when <see langword="null"/>.</param>
    public SimulatorVerdict GetVerdict(string? clientId = null) => GetVerdict(clientId, []);

    /// <summary>Judges a client that says it is done: it may hold no request open any more, and once it is disposed, no connection.</summary>
    /// <param name="clientId">Only that client's behaviour; that of all when <see langword="null"/>.</param>
    /// <param name="isDisposed">Whether all clients are disposed, pools included. A pool may keep connections for later, so otherwise they are nobody's fault.</param>
    /// <param name="patience">How long to wait, in real time, for what is still being closed. 10 s unless given; only a leak takes as long.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<SimulatorVerdict> GetFinalVerdictAsync(
        string? clientId = null, bool isDisposed = false, TimeSpan? patience = null, CancellationToken cancellationToken = default)
    {
        await _provider.SettleDownAsync(isDisposed, patience ?? TimeSpan.FromSeconds(10), cancellationToken);
        var (requests, connections) = _provider.Open();
        var leaks = requests.Select(request => Leak(request, request.RespondedAt is null
            ? "still waits for its response, though the client is done"
            : "its response is neither read to the end nor closed, though the client is done"));
        if (isDisposed)
        {
            leaks = leaks.Concat(connections
                .Where(last => last is not { EndedAt: null })
                .Select(last => Leak(last, last is null ? "a connection that carried no request is still open" : "its connection is still open, though the client is disposed")));
        }

        return GetVerdict(clientId, [.. leaks.Where(leak => clientId is null || leak.Request?.ClientId == clientId)]);

        static SimulatorFinding Leak(SimulatedExchange? request, string reason) => new() { Kind = SimulatorFindingKind.Leak, Request = request, Reason = reason };
    }

    /// <summary>Stops listening and breaks what is under way. The bill, the log and the verdict stay readable.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stopping.CancelAsync();
        if (_server is not null)
        {
            await _server.StopAsync();
            await _server.DisposeAsync();
        }

        _stopping.Dispose();
    }

    private SimulatorVerdict GetVerdict(string? clientId, IReadOnlyList<SimulatorFinding> leaks)
    {
        var log = _provider.Log();
        return new Judge(clientId is null ? log : [.. log.Where(exchange => exchange.ClientId == clientId)], _provider.Connections(clientId), _options.VerdictRules).Decide(leaks);
    }

    private Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path;
        var method = context.Request.Method;
        if (Array.Find(_dialects, dialect => dialect.Serves(path)) is { } served)
            return HttpMethods.IsPost(method) ? _calls.HandleAsync(context, served) : _calls.RefuseAsync(context, served, served.MethodNotAllowed(method));

        // Who comes without Anthropic's version is no client of Anthropic.
        var stranger = _dialects[context.Request.Headers.ContainsKey("authorization") && !context.Request.Headers.ContainsKey("anthropic-version") ? 1 : 0];
        return _calls.RefuseAsync(context, stranger, stranger.PathNotFound(method, path));
    }
}
