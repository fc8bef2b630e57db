namespace TokenBudget.RateLimiting;

/// <summary>
/// What happens after a provider has told everybody to wait: nothing is sent until then; then one request goes out as a probe; and when
/// it passes, the others follow in steps that double, so that not all of them come at the same instant.
/// </summary>
/// <remarks>Refusals come at once and answers take long, so a probe of which nothing is heard for two seconds has passed. Not thread-safe: its owner holds a lock. Times are ticks of the owner's clock.</remarks>
internal sealed class CoolDown
{
    public const long ProbeTicks = 2 * TimeSpan.TicksPerSecond;
    public const long StepTicks = TimeSpan.TicksPerSecond / 4;
    private const int LastStep = 10;
    private Phase _phase;
    private long _until;
    private long _probe;
    private int _step;
    private int _allowed;

    private enum Phase
    {
        None,
        Paused,
        Probing,
        Spreading,
    }

    /// <summary>Whether requests are held back or counted out.</summary>
    public bool IsActive => _phase != Phase.None;

    /// <summary>The instant before which nothing may be sent; in the past when nobody said so.</summary>
    public long PausedUntil => _phase == Phase.Paused ? _until : 0;

    /// <summary>When more may go than now, if nothing is heard before.</summary>
    public long NextInstant => _phase == Phase.None || (_phase == Phase.Spreading && _allowed > 0) ? 0 : _until;

    /// <summary>Sends nothing before an instant; of several, the latest counts.</summary>
    public void PauseUntil(long instant)
    {
        _until = _phase == Phase.Paused ? Math.Max(_until, instant) : instant;
        _phase = Phase.Paused;
    }

    /// <summary>Whether one more may go.</summary>
    public bool Allows(long now)
    {
        if (_phase is Phase.Probing && now >= _until)
            Spread(now);
        while (_phase == Phase.Spreading && now >= _until)
            Step();
        return _phase switch
        {
            Phase.Paused => now >= _until,
            Phase.Probing => false,
            Phase.Spreading => _allowed > 0,
            _ => true,
        };
    }

    /// <summary>One went.</summary>
    public void Admitted(long id, long now)
    {
        if (_phase == Phase.Paused)
        {
            _phase = Phase.Probing;
            _probe = id;
            _until = now + ProbeTicks;
        }
        else if (_phase == Phase.Spreading)
        {
            _allowed--;
        }
    }

    /// <summary>A request was answered: if it was the probe, the others follow.</summary>
    public void Answered(long id, long now)
    {
        if (_phase == Phase.Probing && id == _probe)
            Spread(now);
    }

    /// <summary>A request was never sent: if it was the probe, the next one is.</summary>
    public void Withdrawn(long id, long now)
    {
        if (_phase != Phase.Probing || id != _probe)
            return;
        _phase = Phase.Paused;
        _until = now;
    }

    /// <summary>The provider answered a request of after the pause.</summary>
    public void Passed(long at, long now)
    {
        if (_phase == Phase.Probing && at >= _until - ProbeTicks)
            Spread(now);
    }

    private void Spread(long now)
    {
        _phase = Phase.Spreading;
        _step = 0;
        _until = now;
        Step();
    }

    private void Step()
    {
        if (++_step > LastStep)
        {
            _phase = Phase.None;
            return;
        }

        _allowed = 1 << _step;
        _until += StepTicks;
    }
}
