using System.Net.WebSockets;

namespace TokenBudget.AspNetCore.Alerts;

/// <summary>A WebSocket that only sends. A client has nothing to say here: whatever it sends but a close ends the connection.</summary>
internal sealed class SocketWire : IAlertWire, IDisposable
{
    private readonly WebSocket _socket;
    private readonly CancellationTokenSource _left;
    private readonly Task _listening;

    public SocketWire(WebSocket socket, CancellationToken aborted)
    {
        _socket = socket;
        _left = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Left = _left.Token;
        _listening = ListenAsync();
    }

    public CancellationToken Left { get; }

    /// <summary>Ends when nothing more comes from the client.</summary>
    public Task Listening => _listening;

    public Task SendAsync(Frame frame, CancellationToken cancellationToken) =>
        _socket.SendAsync(frame.Json, WebSocketMessageType.Text, endOfMessage: true, cancellationToken).AsTask();

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (_socket.State == WebSocketState.Open)
            await _socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "connect again", cancellationToken).ConfigureAwait(false);
        await _listening.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Abort() => _socket.Abort();

    public void Dispose() => _left.Dispose();

    private async Task ListenAsync()
    {
        try
        {
            // One byte is enough to see that something came.
            var received = await _socket.ReceiveAsync(new byte[1].AsMemory(), Left).ConfigureAwait(false);
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                var status = received.MessageType == WebSocketMessageType.Close ? WebSocketCloseStatus.NormalClosure : WebSocketCloseStatus.PolicyViolation;
                await _socket.CloseOutputAsync(status, status == WebSocketCloseStatus.PolicyViolation ? "this socket only sends" : null, Left).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // The connection is gone.
        }
        finally
        {
            await _left.CancelAsync().ConfigureAwait(false);
        }
    }
}
