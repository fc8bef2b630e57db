using System.Globalization;
using System.Text.Json;

namespace TokenBudget.AspNetCore.Tests.Alerts;

/// <summary>A client of the event stream, which reads lines as the standard says.</summary>
internal sealed class AlertStream : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly HttpClient _client;
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private AlertStream(HttpClient client, HttpResponseMessage response, Stream body) => (_client, _response, _lines) = (client, response, new StreamReader(body));

    public HttpResponseMessage Response => _response;

    public static async Task<AlertStream> ConnectAsync(Host host, string? lastEventId = null, params (string Name, string Value)[] headers)
    {
        var client = new HttpClient { Timeout = Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, "/api/alerts"));
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return new AlertStream(client, response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; <see langword="null"/> when the stream has ended.</summary>
    public async Task<(string Event, string? Id, JsonElement Data)?> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        string? name = null, id = null;
        JsonElement? data = null;
        while (await _lines.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length == 0)
                return (name!, id, data!.Value);
            var (field, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]);
            switch (field)
            {
                case "event":
                    name = value;
                    break;
                case "id":
                    id = value;
                    break;
                case "data":
                    using (var document = JsonDocument.Parse(value))
                        data = document.RootElement.Clone();
                    break;
                default:
                    throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"field {field}"));
            }
        }

        return null;
    }

    public async Task<(string Event, string? Id, JsonElement Data)> NextAsync(string name)
    {
        while (true)
        {
            var next = await NextAsync() ?? throw new InvalidOperationException($"ended before an event {name}");
            if (next.Event == name)
                return next;
        }
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
        _client.Dispose();
    }
}
