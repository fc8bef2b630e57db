namespace TokenBudget.Testing;

/// <summary>A bucket that holds one period's worth, is refilled continuously and may go into debt. Exact: no floating point.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class TokenBucket(long limit, TimeSpan period, DateTimeOffset now)
{
    // The level is kept in token-ticks: in one clock tick a bucket gains exactly as many of them as its limit. 128 bits, because a
    // billion tokens a day are more than a long can hold.
    private readonly long _unit = period.Ticks;
    private Int128 _level = (Int128)limit * period.Ticks;
    private DateTimeOffset _at = now;

    public long Limit { get; private set; } = limit;

    private Int128 Full => (Int128)Limit * _unit;

    /// <summary>Whole tokens at hand, 0 when in debt.</summary>
    public long Remaining(DateTimeOffset now)
    {
        Refill(now);
        return _level > 0 ? (long)(_level / _unit) : 0;
    }

    /// <summary>Tokens missing from a full bucket, a begun one counted whole.</summary>
    public long Used(DateTimeOffset now)
    {
        Refill(now);
        return (long)((Full - _level + _unit - 1) / _unit);
    }

    /// <summary>How long until so many tokens are at hand; a demand above the capacity counts as the capacity.</summary>
    public TimeSpan TimeUntil(long tokens, DateTimeOffset now)
    {
        Refill(now);
        return Span((Int128)Math.Min(tokens, Limit) * _unit);
    }

    public TimeSpan TimeUntilFull(DateTimeOffset now)
    {
        Refill(now);
        return Span(Full);
    }

    public bool Has(long tokens, DateTimeOffset now)
    {
        Refill(now);
        return tokens <= Limit && _level >= (Int128)tokens * _unit;
    }

    /// <summary>Takes tokens, into debt if need be; a negative number gives back, up to full.</summary>
    public void Take(long tokens, DateTimeOffset now)
    {
        Refill(now);
        _level = Int128.Min(Full, _level - ((Int128)tokens * _unit));
    }

    /// <summary>Takes one token or what is there of it, never into debt.</summary>
    public void TakeOneIfThere(DateTimeOffset now)
    {
        Refill(now);
        if (_level > 0)
            _level = Int128.Max(0, _level - _unit);
    }

    /// <summary>Sets another limit. What has been used stays used, so a lowered bucket may be in debt.</summary>
    public void Change(long newLimit, DateTimeOffset now)
    {
        Refill(now);
        var used = Full - _level;
        Limit = newLimit;
        _level = Full - used;
    }

    private TimeSpan Span(Int128 level)
    {
        var missing = level - _level;
        return missing <= 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)((missing + Limit - 1) / Limit));
    }

    private void Refill(DateTimeOffset now)
    {
        var elapsed = (now - _at).Ticks;
        if (elapsed <= 0)
            return;
        _at = now;
        _level = Int128.Min(Full, _level + ((Int128)elapsed * Limit));
    }
}
