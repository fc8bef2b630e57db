using System.Text;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.AspNetCore.Alerts;

/// <summary>Server-sent events: <c>event</c>, <c>id</c> where there is one, and <c>data</c> on one line.</summary>
internal sealed class EventStreamWire(HttpContext context) : IAlertWire
{
    public CancellationToken Left => context.RequestAborted;

    public async Task SendAsync(Frame frame, CancellationToken cancellationToken)
    {
        var body = context.Response.BodyWriter;
        var head = frame.Id is { } id ? $"event: {frame.Type}\nid: {id}\ndata: " : $"event: {frame.Type}\ndata: ";
        Encoding.UTF8.GetBytes(head, body);
        frame.Json.Span.CopyTo(body.GetSpan(frame.Json.Length));
        body.Advance(frame.Json.Length);
        Encoding.UTF8.GetBytes("\n\n", body);
        await body.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    // The end of the response is the goodbye.
    public Task CloseAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Abort() => context.Abort();
}
