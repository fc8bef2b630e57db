using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TokenBudget.AspNetCore.Metrics;
using TokenBudget.RateLimiting;

namespace TokenBudget.AspNetCore.Alerts;

/// <summary><c>/api/alerts</c>: a WebSocket, an event stream, or the newest alerts as JSON, by what the client asks for. The guard has checked the origin before.</summary>
internal sealed class AlertEndpoint(AlertHub hub, TokenBudgetEndpointOptions options, TimeProvider time) : IAsyncDisposable
{
    private const int ConnectionsPerMinute = 120;
    private const int LongestEventId = 64;

    private readonly AlertFeed _feed = new(options.AlertHeartbeat, time);
    private readonly TokenRateLimiter _arrivals = new("alert connections", new RateLimits { RequestsPerMinute = ConnectionsPerMinute, QueueLimit = 0 }, time);
    private int _open;

    public async Task AnswerAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var lastEventId = (string?)query["lastEventId"] ?? (string?)context.Request.Headers["Last-Event-ID"];
        if (ProblemOf(query, lastEventId) is { } problem)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        var isSocket = context.WebSockets.IsWebSocketRequest;
        if (!isSocket && !WantsEventStream(context.Request))
        {
            await Answer.JsonAsync(context, new RecentAlerts(hub.After(lastEventId)), MetricsJson.Default.RecentAlerts).ConfigureAwait(false);
            return;
        }

        using var arrival = _arrivals.AttemptAcquire();
        if (!arrival.IsAcquired)
        {
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, seconds: 30, $"At most {ConnectionsPerMinute} connections may be opened in a minute.").ConfigureAwait(false);
            return;
        }

        if (Interlocked.Increment(ref _open) > options.MaxAlertConnections)
        {
            Interlocked.Decrement(ref _open);
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, seconds: 5, $"{options.MaxAlertConnections} connections are open, as many as MaxAlertConnections allows.").ConfigureAwait(false);
            return;
        }

        try
        {
            using var listener = hub.Listen(lastEventId, wantsMetrics: query["metrics"] == "true");
            await (isSocket ? ServeSocketAsync(context, listener) : ServeEventStreamAsync(context, listener)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // The client has left in the middle of something.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    public ValueTask DisposeAsync() => _arrivals.DisposeAsync();

    private async Task ServeSocketAsync(HttpContext context, AlertListener listener)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        using var wire = new SocketWire(socket, context.RequestAborted);
        try
        {
            await _feed.RunAsync(listener, wire).ConfigureAwait(false);
        }
        finally
        {
            if (socket.State == WebSocketState.Open)
                socket.Abort();
            await wire.Listening.ConfigureAwait(false);
        }
    }

    private Task ServeEventStreamAsync(HttpContext context, AlertListener listener)
    {
        context.Response.ContentType = "text/event-stream";
        // Some proxies collect answers before they pass them on.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        return _feed.RunAsync(listener, new EventStreamWire(context));
    }

    private static bool WantsEventStream(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(static type => type.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase));

    private static string? ProblemOf(IQueryCollection query, string? lastEventId)
    {
        if (QueryNames.Unknown(query, "lastEventId", "metrics") is { } unknown)
            return unknown;
        if (lastEventId?.Length > LongestEventId)
            return "That is not the id of an alert.";
        return query["metrics"].Count == 0 || query["metrics"] is ["true" or "false"] ? null : "'metrics' is true or false.";
    }

    private static Task RefuseAsync(HttpContext context, int status, int seconds, string detail)
    {
        context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Answer.ProblemAsync(context, status, detail);
    }
}
