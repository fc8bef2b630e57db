using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>
/// A model provider on loopback HTTP, speaking Anthropic's <c>POST /v1/messages</c>: it counts by its own rule, keeps a prompt cache, enforces
/// rate limits, writes an exact bill and judges its client.
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
    private readonly MessagesEndpoint _messages;
    private WebApplication? _server;
    private int _strays;
    private int _disposed;

    private ProviderSimulator(SimulatorOptions options)
    {
        _options = options;
        _provider = new Provider(options);
        _messages = new MessagesEndpoint(options, _provider, _stopping.Token);
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

    /// <summary>Every request to <c>/v1/messages</c> so far, in order of arrival.</summary>
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
        simulator._server = await LoopbackServer.StartAsync(options.Port, simulator.RouteAsync, cancellationToken);
        simulator.BaseAddress = new Uri(simulator._server.Urls.Single());
        return simulator;
    }

    /// <summary>Judges the behaviour so far.</summary>
    /// <param name="clientId">Only that client's; all when <see langword="null"/>.</param>
    public SimulatorVerdict GetVerdict(string? clientId = null)
    {
        var log = _provider.Log();
        return Judge.Over(clientId is null ? log : [.. log.Where(exchange => exchange.ClientId == clientId)], _options.InFlightGrace);
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

    private Task RouteAsync(HttpContext context)
    {
        var isMessages = context.Request.Path == "/v1/messages";
        if (isMessages && HttpMethods.IsPost(context.Request.Method))
            return _messages.HandleAsync(context);

        // Strays are numbered apart, below zero, so that the numbers in the log have no gaps.
        var number = Interlocked.Decrement(ref _strays);
        ResponseHeaders.AddIdentity(context.Response, number);
        var error = isMessages ? new ErrorReply(405, "invalid_request_error", "Method Not Allowed") : new ErrorReply(404, "not_found_error", "Not Found");
        return error.SendAsync(context.Response, _provider, exchange: null, number, context.RequestAborted);
    }
}
