using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TokenBudget.AspNetCore.Metrics;

namespace TokenBudget.AspNetCore.Alerts;

/// <summary>Sends what a listener gets, the same over a socket and over an event stream.</summary>
/// <param name="heartbeat">How long it stays silent at most.</param>
/// <param name="time">The clock of the connection.</param>
internal sealed class AlertFeed(TimeSpan heartbeat, TimeProvider time)
{
    // Who may see the numbers may change: after this time a client has to ask again.
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    // A client that takes nothing for as long is gone or stuck.
    internal static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Runs until the client leaves, is dropped, grows too old, or the host stops.</summary>
    /// <param name="listener">What to send.</param>
    /// <param name="wire">Where to.</param>
    public async Task RunAsync(AlertListener listener, IAlertWire wire)
    {
        using var age = new CancellationTokenSource(MaxAge, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(listener.Dropped, wire.Left, age.Token);
        using var abort = listener.Dropped.UnsafeRegister(static state => ((IAlertWire)state!).Abort(), wire);
        try
        {
            await SendAsync(wire, FrameOf(new Hello(heartbeat.TotalSeconds, listener.Replay.Count), MetricsJson.Default.Hello)).ConfigureAwait(false);
            foreach (var frame in listener.Replay)
                await SendAsync(wire, frame).ConfigureAwait(false);
            while (await WaitAsync(listener, wire, end.Token).ConfigureAwait(false))
            {
                while (listener.TryTake(out var frame))
                    if (frame is not null)
                        await SendAsync(wire, frame).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Left, dropped or too old.
        }

        if (!listener.Dropped.IsCancellationRequested && !wire.Left.IsCancellationRequested)
            await wire.CloseAsync(CancellationToken.None).WaitAsync(SendTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Waits for the next message, with signs of life in between.</summary>
    private async Task<bool> WaitAsync(AlertListener listener, IAlertWire wire, CancellationToken cancellationToken)
    {
        var next = listener.WaitAsync(cancellationToken);
        if (next.IsCompleted)
            return await next.ConfigureAwait(false);
        var waiting = next.AsTask();
        while (true)
        {
            try
            {
                return await waiting.WaitAsync(heartbeat, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                await SendAsync(wire, FrameOf(new Heartbeat(time.GetUtcNow()), MetricsJson.Default.Heartbeat)).ConfigureAwait(false);
            }
        }
    }

    private async Task SendAsync(IAlertWire wire, Frame frame)
    {
        using var patience = new CancellationTokenSource(SendTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, wire.Left);
        try
        {
            await wire.SendAsync(frame, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            wire.Abort();
            throw;
        }
    }

    private static Frame FrameOf<T>(T notice, JsonTypeInfo<T> type) =>
        new(notice is Hello ? "hello" : "heartbeat", null, JsonSerializer.SerializeToUtf8Bytes(notice, type));
}
