using System.Globalization;
using System.Text.Json;
using TokenBudget.AspNetCore.Metrics;

namespace TokenBudget.AspNetCore.Alerts;

/// <summary>Keeps the newest alerts and hands every new one to whoever listens. Telling never waits: a listener that is too slow is dropped.</summary>
/// <param name="history">How many alerts are kept.</param>
/// <param name="time">Tells this process from the one before.</param>
internal sealed class AlertHub(int history, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly string _process = time.GetUtcNow().UtcTicks.ToString("x", CultureInfo.InvariantCulture);
    private readonly Queue<AlertMessage> _recent = new(history);
    private readonly List<AlertListener> _listeners = [];
    private long _last;
    private bool _isClosed;

    /// <summary>How many listen.</summary>
    public int Listeners
    {
        get
        {
            lock (_gate)
                return _listeners.Count;
        }
    }

    /// <summary>Whether anybody wants the numbers.</summary>
    public bool HasMetricsListeners
    {
        get
        {
            lock (_gate)
                return _listeners.Exists(static listener => listener.WantsMetrics);
        }
    }

    public void Publish(AlertMessage alert)
    {
        lock (_gate)
        {
            var message = alert with { Id = $"{_process}-{++_last}" };
            if (_recent.Count == history)
                _recent.Dequeue();
            _recent.Enqueue(message);
            var frame = FrameOf(message);
            foreach (var listener in _listeners)
                listener.Offer(frame);
        }
    }

    /// <summary>Hands numbers to those who want them; who has not taken the ones before gets only these.</summary>
    public void PublishMetrics(Frame metrics)
    {
        lock (_gate)
        {
            foreach (var listener in _listeners.Where(static listener => listener.WantsMetrics))
                listener.OfferMetrics(metrics);
        }
    }

    /// <summary>The kept alerts after one, oldest first; all of them where that one is unknown or of another process.</summary>
    public IReadOnlyList<AlertMessage> After(string? id)
    {
        lock (_gate)
            return AfterUnderLock(id);
    }

    /// <summary>Begins to listen: what was kept after an alert comes first, then what is new, with nothing between them lost or told twice.</summary>
    /// <param name="lastEventId">The last alert the listener has; none, everything that is kept.</param>
    /// <param name="wantsMetrics">Whether numbers are wanted too.</param>
    public AlertListener Listen(string? lastEventId, bool wantsMetrics)
    {
        lock (_gate)
        {
            var listener = new AlertListener([.. AfterUnderLock(lastEventId).Select(FrameOf)], wantsMetrics, Leave);
            if (_isClosed)
                listener.End();
            else
                _listeners.Add(listener);
            return listener;
        }
    }

    /// <summary>Ends all listening, so that the host can stop.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var listener in _listeners)
                listener.End();
        }
    }

    private IReadOnlyList<AlertMessage> AfterUnderLock(string? id)
    {
        var known = 0L;
        if (id?.Split('-') is [{ } process, { } number] && process == _process && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var seen))
            known = seen;
        var firstKept = _last - _recent.Count;
        return [.. _recent.Skip((int)Math.Clamp(known - firstKept, 0, _recent.Count))];
    }

    private void Leave(AlertListener listener)
    {
        lock (_gate)
            _listeners.Remove(listener);
    }

    private static Frame FrameOf(AlertMessage alert) =>
        new(alert.Type, alert.Id, JsonSerializer.SerializeToUtf8Bytes(alert, MetricsJson.Default.AlertMessage));
}
