namespace TokenBudget.Testing;

/// <summary>A bucket that holds one minute's worth, is refilled continuously and may go into debt. Exact: no floating point.</summary>
internal sealed class TokenBucket(long perMinute, DateTimeOffset now)
{
    // The level is kept in token-ticks: in one clock tick a bucket gains exactly perMinute of them.
    private const long Unit = TimeSpan.TicksPerMinute;
    private readonly long _full = checked(perMinute * Unit);
    private long _level = checked(perMinute * Unit);
    private DateTimeOffset _at = now;

    public long Limit => perMinute;

    /// <summary>Whole tokens at hand, 0 when in debt.</summary>
    public long Remaining(DateTimeOffset now)
    {
        Refill(now);
        return Math.Max(0, _level / Unit);
    }

    /// <summary>How long until so many tokens are at hand; a demand above the capacity counts as the capacity.</summary>
    public TimeSpan TimeUntil(long tokens, DateTimeOffset now)
    {
        Refill(now);
        return Span(Math.Min(tokens, perMinute) * Unit);
    }

    public TimeSpan TimeUntilFull(DateTimeOffset now)
    {
        Refill(now);
        return Span(_full);
    }

    public bool Has(long tokens, DateTimeOffset now)
    {
        Refill(now);
        return tokens <= perMinute && _level >= tokens * Unit;
    }

    public void Take(long tokens, DateTimeOffset now)
    {
        Refill(now);
        _level = checked(_level - (tokens * Unit));
    }

    private TimeSpan Span(long level)
    {
        var missing = level - _level;
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromTicks((missing + perMinute - 1) / perMinute);
    }

    private void Refill(DateTimeOffset now)
    {
        var elapsed = (now - _at).Ticks;
        if (elapsed <= 0)
            return;
        _at = now;
        // Compared before multiplied: after a year of idling the product would overflow.
        _level = elapsed >= Span(_full).Ticks ? _full : _level + (elapsed * perMinute);
    }
}
