namespace TokenBudget.RateLimiting;

/// <content>What the provider says: its limits, what it has counted, and when to be silent.</content>
public sealed partial class TokenRateLimiter
{
    // Who says "come back in a year" is wrong; a probe a day costs nothing.
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    // A limit that was reported by mistake refuses the very requests that would bring the right one.
    private static readonly TimeSpan ReportLifetime = TimeSpan.FromMinutes(5);

    private readonly CoolDown _coolDown = new();
    private RateLimits _effective;
    private long _reportedTicks = long.MinValue;

    /// <summary>
    /// Adopts what the provider says. Each limit is the smaller of the configured and the reported one, until a later reading (or none for
    /// five minutes) lets it rise again; what the provider has counted beyond all that was admitted here is used by others, and is
    /// held as used until the provider's reset. A reading never makes room.
    /// </summary>
    /// <param name="reading">The reading. An older one than the last changes no limit.</param>
    public void Correct(RateLimitReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        List<Waiter> hopeless = [];
        lock (_gate)
        {
            if (_disposed)
                return;
            var now = AdvanceToNow();
            var at = now - Math.Max(0, reading.Age.Ticks);
            if (reading.RetryAfter is { } wait)
                _coolDown.PauseUntil(at + Clamp(wait));
            else if (!reading.Refused)
                _coolDown.Passed(at, now);
            if (at >= _reportedTicks)
                Adopt(reading, at);
            var open = OpenedAfter(at);
            BookOthers(_requests, reading.Requests, 0, 0, at, now);
            BookOthers(_input, reading.InputTokens, _reserved.InputTokens, open.InputTokens, at, now);
            BookOthers(_output, reading.OutputTokens, _reserved.OutputTokens, open.OutputTokens, at, now);
            BookOthers(_total, reading.TotalTokens, _reserved.TotalTokens, open.TotalTokens, at, now);
            for (var node = _waiters.First; node is not null; node = node.Next)
                if (TooLarge(node.Value.Demand) is not null)
                    hopeless.Add(node.Value);
            foreach (var waiter in hopeless)
            {
                _waiters.Remove(waiter.Node!);
                waiter.Node = null;
                _refused++;
            }

            Pump(now);
        }

        foreach (var waiter in hopeless)
            waiter.Fail(NeverFits(waiter.Demand));
    }

    /// <summary>Admits nothing for so long; then one request as a probe, and when it passes the others, in steps that double every quarter of a second.</summary>
    /// <param name="duration">How long; at most a day counts. Zero and less change nothing. Of several pauses, the latest end counts.</param>
    public void PauseFor(TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero)
            return;
        lock (_gate)
        {
            if (_disposed)
                return;
            var now = AdvanceToNow();
            _coolDown.PauseUntil(now + Clamp(duration));
            Pump(now);
        }
    }

    /// <summary>Admits nothing before an instant of the limiter's clock; see <see cref="PauseFor"/>.</summary>
    /// <param name="instant">When a request may be sent again. The past changes nothing.</param>
    public void PauseUntil(DateTimeOffset instant) => PauseFor(instant - _time.GetUtcNow());

    private static long Clamp(TimeSpan wait) => Math.Clamp(wait.Ticks, 0, LongestPause.Ticks);

    private void Adopt(RateLimitReading reading, long at)
    {
        _reportedTicks = at;
        _effective = _limits with
        {
            RequestsPerMinute = Smaller(_limits.RequestsPerMinute, _effective.RequestsPerMinute, reading.Requests),
            InputTokensPerMinute = Smaller(_limits.InputTokensPerMinute, _effective.InputTokensPerMinute, reading.InputTokens),
            OutputTokensPerMinute = Smaller(_limits.OutputTokensPerMinute, _effective.OutputTokensPerMinute, reading.OutputTokens),
            TokensPerMinute = Smaller(_limits.TokensPerMinute, _effective.TokensPerMinute, reading.TotalTokens),
        };

        static long? Smaller(long? configured, long? known, LimitReading? reading)
        {
            if (reading?.Limit is not { } reported || reported < 1)
                return known;
            return configured is { } own ? Math.Min(own, reported) : reported;
        }
    }

    private void ForgetReport(long now)
    {
        if (_reportedTicks != long.MinValue && now - _reportedTicks > ReportLifetime.Ticks)
        {
            _reportedTicks = long.MinValue;
            _effective = _limits;
        }
    }

    /// <summary>What was reserved after an instant, and is held still.</summary>
    private TokenDemand OpenedAfter(long at)
    {
        var sum = default(TokenDemand);
        for (var node = _open.Last; node is not null && node.Value.AdmittedTicks > at; node = node.Previous)
            sum = new TokenDemand(sum.InputTokens + node.Value.Reserved.InputTokens, sum.OutputTokens + node.Value.Reserved.OutputTokens);
        return sum;
    }

    private static void BookOthers(SlidingWindow window, LimitReading? reading, long reserved, long reservedAfter, long at, long now)
    {
        if (reading is not { Limit: { } limit and > 0, Remaining: { } remaining and >= 0, RoundedTo: var rounded } || remaining > limit)
            return;
        var counted = limit - remaining - (Math.Max(0, rounded) / 2);
        var ours = window.SumUntil(at) + reserved - reservedAfter;
        if (counted <= ours)
            return;
        // Booked where it leaves the window at the provider's reset.
        var reset = Math.Clamp(reading.Value.ResetAfter?.Ticks ?? TimeSpan.TicksPerMinute, 0, TimeSpan.TicksPerMinute);
        if (at + reset > now)
            window.Add(at + reset - TimeSpan.TicksPerMinute, counted - ours);
    }
}
