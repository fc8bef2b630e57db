namespace TokenBudget.RateLimiting;

/// <summary>Measured time since a start, in ticks: it is not read from the date, so a clock that is set changes nothing.</summary>
/// <remarks>
/// The system's time is read from its coarse clock, at a third of the price of the exact one. It may lag by a timer interrupt, so what is booked is booked
/// as that much later: amounts never count for less than their minute.
/// </remarks>
internal sealed class RateClock
{
    private readonly TimeProvider? _time;
    private readonly long _start;

    public RateClock(TimeProvider time)
    {
        if (time == TimeProvider.System)
        {
            _start = Environment.TickCount64;
            Lag = TimeSpan.FromMilliseconds(20).Ticks;
        }
        else
        {
            _time = time;
            _start = time.GetTimestamp();
        }
    }

    /// <summary>How far <see cref="Now"/> may be behind.</summary>
    public long Lag { get; }

    public long Now => _time is null
        ? (Environment.TickCount64 - _start) * TimeSpan.TicksPerMillisecond
        : _time.GetElapsedTime(_start).Ticks;
}
