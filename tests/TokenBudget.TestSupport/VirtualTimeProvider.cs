namespace TokenBudget.TestSupport;

/// <summary>A clock that moves only when told to. Timers fire, in order of their due time, inside <see cref="Advance"/>.</summary>
/// <remarks>Thread-safe. Callbacks run on the thread that advances, outside the lock.</remarks>
public sealed class VirtualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<VirtualTimer, (long Due, long Order)> _timers = new();
    private DateTimeOffset _now = start;
    private long _order;

    /// <summary>Starts at 2026-01-01T00:00:00Z.</summary>
    public VirtualTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How many timers wait to fire.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_gate)
                return _timers.UnorderedItems.Where(item => item.Element.IsCurrent(item.Priority.Due)).Select(item => item.Element).Distinct().Count();
        }
    }

    /// <summary>How long until the next timer fires; none, when no timer waits.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            lock (_gate)
            {
                while (_timers.TryPeek(out var next, out var priority))
                {
                    if (next.IsCurrent(priority.Due))
                        return TimeSpan.FromTicks(Math.Max(0, priority.Due - _now.Ticks));
                    _timers.Dequeue();
                }

                return null;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock forward, firing every timer on the way at its own instant.</summary>
    /// <param name="by">How far; not negative.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var target = GetUtcNow() + by;
        while (true)
        {
            VirtualTimer? timer = null;
            lock (_gate)
            {
                while (_timers.TryPeek(out var next, out var priority) && priority.Due <= target.Ticks)
                {
                    _timers.Dequeue();
                    if (!next.IsCurrent(priority.Due))
                        continue;
                    _now = new DateTimeOffset(Math.Max(_now.Ticks, priority.Due), TimeSpan.Zero);
                    timer = next;
                    break;
                }

                if (timer is null)
                {
                    _now = target;
                    return;
                }
            }

            timer.Fire();
        }
    }

    private void Schedule(VirtualTimer timer, long due)
    {
        lock (_gate)
            _timers.Enqueue(timer, (due, _order++));
    }

    private sealed class VirtualTimer(VirtualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private const long Never = long.MaxValue;
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private long _due = Never;

        public bool IsCurrent(long due) => Volatile.Read(ref _due) == due;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                Volatile.Write(ref _due, Never);
                return true;
            }

            var due = clock.GetUtcNow().Ticks + dueTime.Ticks;
            Volatile.Write(ref _due, due);
            clock.Schedule(this, due);
            return true;
        }

        public void Fire()
        {
            var due = Volatile.Read(ref _due);
            Volatile.Write(ref _due, Never);
            if (_period > TimeSpan.Zero)
            {
                Volatile.Write(ref _due, due + _period.Ticks);
                clock.Schedule(this, due + _period.Ticks);
            }

            callback(state);
        }

        public void Dispose() => Volatile.Write(ref _due, Never);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
