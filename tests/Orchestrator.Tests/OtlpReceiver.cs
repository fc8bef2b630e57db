using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Tests;

/// <summary>Takes what is exported by OTLP over HTTP, on loopback, and reads of the protobuf what things are called.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte> _metrics = new();
    private readonly ConcurrentDictionary<string, byte> _spans = new();

    private OtlpReceiver(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/metrics", context => TakeAsync(context, _metrics, nameField: 1));
        app.MapPost("/v1/traces", context => TakeAsync(context, _spans, nameField: 5));
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary><c>scope/name</c> of every metric so far.</summary>
    public ICollection<string> Metrics => _metrics.Keys;

    /// <summary><c>scope/name</c> of every span so far.</summary>
    public ICollection<string> Spans => _spans.Keys;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // ExportMetricsServiceRequest and ExportTraceServiceRequest are built alike: resources (1) have scopes (2), which have a scope with a name (1, 1) and metrics or spans (2).
    private static async Task TakeAsync(HttpContext context, ConcurrentDictionary<string, byte> names, int nameField)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        foreach (var scope in Fields(body.ToArray(), 1).SelectMany(static resource => Fields(resource, 2)))
        {
            var scopeName = Fields(scope, 1).SelectMany(static named => Fields(named, 1)).Select(Text).Single();
            foreach (var name in Fields(scope, 2).Select(item => Text(Fields(item, nameField).Single())))
                names.TryAdd($"{scopeName}/{name}", 0);
        }

        context.Response.ContentType = "application/x-protobuf";
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);

    /// <summary>The values of one field of a message that are themselves messages or texts.</summary>
    private static List<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int number)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        var at = 0;
        while (at < message.Length)
        {
            var key = Number();
            var length = (int)(key & 7) switch
            {
                0 => 0,
                1 => 8,
                2 => (int)Number(),
                5 => 4,
                var other => throw new InvalidDataException($"Wire type {other} is not in protobuf 3."),
            };
            if ((key & 7) == 0)
                Number();
            else if ((key & 7) == 2 && (int)(key >> 3) == number)
                found.Add(message.Slice(at, length));
            at += length;
        }

        return found;

        ulong Number()
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var next = message.Span[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }
        }
    }
}
