using System.Net.WebSockets;
using System.Text.Json;

namespace TokenBudget.AspNetCore.Tests.Alerts;

/// <summary>A client of <c>/api/alerts</c>, as a browser or a program is one.</summary>
internal sealed class AlertSocket : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly ClientWebSocket _socket = new();

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public static async Task<AlertSocket> ConnectAsync(Host host, string query = "", params (string Name, string Value)[] headers)
    {
        var client = new AlertSocket();
        foreach (var (name, value) in headers)
            client._socket.Options.SetRequestHeader(name, value);
        client._socket.Options.CollectHttpResponseDetails = true;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await client._socket.ConnectAsync(new UriBuilder(host.Address) { Scheme = "ws", Path = "/api/alerts", Query = query }.Uri, patience.Token);
        }
        catch (WebSocketException exception)
        {
            var status = (int)client._socket.HttpStatusCode;
            client._socket.Dispose();
            throw new RefusedException(status, exception);
        }

        return client;
    }

    /// <summary>The next message; <see langword="null"/> when the server has closed.</summary>
    public async Task<JsonElement?> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        using var message = new MemoryStream();
        var buffer = new byte[8_192];
        while (true)
        {
            var received = await _socket.ReceiveAsync(buffer, patience.Token);
            if (received.MessageType == WebSocketMessageType.Close)
                return null;
            message.Write(buffer, 0, received.Count);
            if (!received.EndOfMessage)
                continue;
            using var document = JsonDocument.Parse(message.ToArray());
            document.RootElement.GetProperty("v").GetInt32().ShouldBe(1);
            return document.RootElement.Clone();
        }
    }

    /// <summary>The next message of a type; others are skipped.</summary>
    public async Task<JsonElement> NextAsync(string type)
    {
        while (true)
        {
            var message = await NextAsync() ?? throw new InvalidOperationException($"closed with {CloseStatus} before a message of type {type}");
            if (message.GetProperty("type").GetString() == type)
                return message;
        }
    }

    public Task SendAsync(string text) => _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open)
            await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, new CancellationTokenSource(Patience).Token);
        _socket.Dispose();
    }

    internal sealed class RefusedException(int status, Exception inner) : Exception($"refused with {status}", inner)
    {
        public int Status => status;
    }
}
