using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.Testing;

/// <summary>Writes server-sent events, each flushed, and cuts the connection where a fault says so.</summary>
internal sealed class EventStream(HttpResponse response, int? cutAfter, CancellationToken cancellationToken)
{
    private int _sent;

    public async Task StartAsync()
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        await response.StartAsync(cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        CutIfDue();
    }

    public async Task SendAsync(string name, Action<Utf8JsonWriter> fields)
    {
        var data = WireJson.Write(writer =>
        {
            writer.WriteString("type", name);
            fields(writer);
        });
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes($"event: {name}\ndata: "), cancellationToken);
        await response.Body.WriteAsync(data, cancellationToken);
        await response.Body.WriteAsync("\n\n"u8.ToArray(), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        _sent++;
        CutIfDue();
    }

    private void CutIfDue()
    {
        if (cutAfter is { } limit && _sent >= limit)
            throw new ConnectionCutException();
    }
}
