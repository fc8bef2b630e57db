namespace Orchestrator.Session;

/// <summary>A clock that runs a number of times as fast as the real one, so that minutes of waiting take seconds; from <see cref="SlowDown"/> on it runs with the real one. Thread-safe.</summary>
internal sealed class FastClock(int factor) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly Lock _gate = new();
    private long _since = System.GetTimestamp();
    private long _elapsed;
    private int _factor = factor;

    /// <summary>How many times as fast at first: what the clock measures of real work is too large by as much.</summary>
    public int Factor { get; } = factor;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp()
    {
        lock (_gate)
            return _elapsed + ((System.GetTimestamp() - _since) * _factor);
    }

    public override DateTimeOffset GetUtcNow() => _start + GetElapsedTime(0, GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new FastTimer(System.CreateTimer(callback, state, Shrink(dueTime), Shrink(period)), this);

    /// <summary>Goes on at the real pace, from the time it is by then: whoever keeps looking would see days go by. Timers that run keep the pace they were set at.</summary>
    public void SlowDown()
    {
        lock (_gate)
        {
            var now = System.GetTimestamp();
            (_elapsed, _since, _factor) = (_elapsed + ((now - _since) * _factor), now, 1);
        }
    }

    private TimeSpan Shrink(TimeSpan span) => span <= TimeSpan.Zero ? span : new TimeSpan(Math.Max(TimeSpan.TicksPerMillisecond, span.Ticks / Volatile.Read(ref _factor)));

    private sealed class FastTimer(ITimer timer, FastClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Shrink(dueTime), clock.Shrink(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
