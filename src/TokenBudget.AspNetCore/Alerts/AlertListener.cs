using System.Threading.Channels;

namespace TokenBudget.AspNetCore.Alerts;

/// <summary>What waits to be sent over one connection. Bounded: whoever lets it fill up is dropped and may come again with the id of the last alert it has.</summary>
/// <param name="replay">Alerts of before.</param>
/// <param name="wantsMetrics">Whether numbers are sent too.</param>
/// <param name="leave">Takes the listener out of the hub.</param>
internal sealed class AlertListener(IReadOnlyList<Frame> replay, bool wantsMetrics, Action<AlertListener> leave) : IDisposable
{
    /// <summary>How many messages wait at most.</summary>
    public const int Capacity = 1_024;

    // Stands in the queue for the newest numbers, whichever these are when it is reached.
    private static readonly Frame MetricsMark = new("metrics", null, default);

    private readonly Channel<Frame> _waiting = Channel.CreateBounded<Frame>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly CancellationTokenSource _dropped = new();
    private Frame? _metrics;

    public IReadOnlyList<Frame> Replay => replay;

    public bool WantsMetrics => wantsMetrics;

    /// <summary>Cancelled when the listener was too slow.</summary>
    public CancellationToken Dropped => _dropped.Token;

    public void Offer(Frame frame)
    {
        if (_waiting.Writer.TryWrite(frame) || !_waiting.Writer.TryComplete())
            return;
        // Not on this thread, which is a caller's: closing a connection may take its time.
        _ = _dropped.CancelAsync();
    }

    public void OfferMetrics(Frame metrics)
    {
        if (Interlocked.Exchange(ref _metrics, metrics) is null)
            Offer(MetricsMark);
    }

    /// <summary>No more comes; what waits is still sent.</summary>
    public void End() => _waiting.Writer.TryComplete();

    /// <summary>Waits for something to send.</summary>
    /// <returns>Whether there is something; otherwise it is over.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _waiting.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake(out Frame? frame)
    {
        if (!_waiting.Reader.TryRead(out frame))
            return false;
        if (ReferenceEquals(frame, MetricsMark))
            frame = Interlocked.Exchange(ref _metrics, null);
        return true;
    }

    public void Dispose()
    {
        leave(this);
        _dropped.Dispose();
    }
}
