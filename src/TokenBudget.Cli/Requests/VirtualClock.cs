namespace TokenBudget.Cli.Requests;

/// <summary>A clock that stands still until it is moved to the next event: timers fire in the order of their instants, and those of one instant in the order they were set.</summary>
/// <remarks>Not thread-safe: a replay has one thread, on which the timers fire as well.</remarks>
internal sealed class VirtualClock : TimeProvider
{
    private readonly SortedSet<VirtualTimer> _timers = new(Comparer<VirtualTimer>.Create(static (one, other) =>
        (one.Due, one.Order).CompareTo((other.Due, other.Order))));

    private long _order;

    /// <summary>The present, in ticks of 100 ns from the beginning.</summary>
    public long Now { get; private set; }

    /// <summary>When the next timer fires; none when no timer is set.</summary>
    public long? NextDue => _timers.Min?.Due;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => Now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(Now);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves to the next timer and fires it.</summary>
    public void FireNext()
    {
        var timer = _timers.Min ?? throw new InvalidOperationException("No timer is set.");
        Now = Math.Max(Now, timer.Due);
        timer.Fire();
    }

    /// <summary>Moves to an instant, which no timer may come before.</summary>
    public void MoveTo(long instant) => Now = Math.Max(Now, instant);

    private sealed class VirtualTimer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public long Due { get; private set; }

        public long Order { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // Its place in the set depends on what changes.
            clock._timers.Remove(this);
            _period = period;
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            Due = clock.Now + dueTime.Ticks;
            Order = clock._order++;
            clock._timers.Add(this);
            return true;
        }

        public void Fire()
        {
            Change(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan, _period);
            callback(state);
        }

        public void Dispose() => clock._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
