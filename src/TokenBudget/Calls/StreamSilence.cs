using System.Globalization;

namespace TokenBudget.Calls;

/// <summary>
/// Ends a stream of which nothing is heard for too long. Only the waiting counts, not what its reader does between two parts; and a sign of life
/// that brings nothing (a ping) is no part.
/// </summary>
internal sealed class StreamSilence : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _caller;
    private readonly TimeSpan? _longest;
    private readonly TimeProvider _time;
    private readonly ITimer? _timer;
    private long _listeningSince;
    private TimeSpan _silent;
    private volatile bool _wasTooLong;

    public StreamSilence(TimeSpan? longest, TimeProvider time, CancellationToken caller)
    {
        _caller = caller;
        _time = time;
        _longest = longest;
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
        if (longest is not null)
            _timer = time.CreateTimer(static state => ((StreamSilence)state!).End(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _source.Token;

    public void Listen()
    {
        if (_timer is null)
            return;
        _listeningSince = _time.GetTimestamp();
        _timer.Change(TimeSpan.FromTicks(Math.Max(0, (_longest!.Value - _silent).Ticks)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>A part was there at once, without any waiting.</summary>
    public void Hear() => _silent = TimeSpan.Zero;

    /// <param name="hasHeard">Whether what came was a part of the answer.</param>
    public void Pause(bool hasHeard)
    {
        if (_timer is null)
            return;
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _silent = hasHeard ? TimeSpan.Zero : _silent + _time.GetElapsedTime(_listeningSince);
    }

    /// <summary>What the caller shall see of an exception: our cancellation is not his.</summary>
    public Exception Translate(Exception exception) => _wasTooLong && exception is OperationCanceledException && !_caller.IsCancellationRequested
        ? new IncompleteReplyException(string.Create(CultureInfo.InvariantCulture, $"Nothing was heard of the streamed answer for {_longest!.Value.TotalSeconds:N0} s (RetryOptions.StreamSilence), so it counts as broken off."), exception)
        : exception;

    public void Dispose()
    {
        _timer?.Dispose();
        _source.Dispose();
    }

    private void End()
    {
        _wasTooLong = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The stream ended at the same instant.
        }
    }
}
