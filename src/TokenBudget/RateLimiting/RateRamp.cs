namespace TokenBudget.RateLimiting;

/// <summary>
/// The way back after a provider has said that traffic grew too fast: at most half of what was used in the minute before, held for a quarter of an hour, then a tenth more every minute.
/// </summary>
/// <remarks>OpenAI's guide to errors: "reduce your request rate to its original level, maintain a consistent rate for at least 15 minutes, and then gradually increase it". Not thread-safe: its owner holds a lock. Times are ticks of the owner's clock.</remarks>
internal sealed class RateRamp
{
    public const long HoldTicks = 15 * TimeSpan.TicksPerMinute;
    private const double GrowthPerMinute = 1.1;

    // Several refusals of the same growth are one; and what is smaller than this is no traffic.
    private const long OneGrowthTicks = TimeSpan.TicksPerMinute;
    private const double Least = 1 / 64.0;

    private long _slowedAt = long.MinValue / 2;
    private double _start = 1;

    /// <summary>How much of the limits may be used now.</summary>
    public double Share { get; private set; } = 1;

    /// <summary>When there will be more.</summary>
    public long GrowsAt { get; private set; } = long.MaxValue;

    /// <summary>Traffic grew too fast.</summary>
    /// <param name="used">How much of the limits the last minute has used.</param>
    /// <param name="now">The present.</param>
    public void SlowDown(double used, long now)
    {
        if (now - _slowedAt < OneGrowthTicks)
            return;
        _slowedAt = now;
        Share = _start = Math.Max(Least, Math.Min(Share, used) / 2);
        GrowsAt = now + HoldTicks;
    }

    public void Advance(long now)
    {
        if (now < GrowsAt)
            return;
        var steps = 1 + ((now - _slowedAt - HoldTicks) / TimeSpan.TicksPerMinute);
        Share = Math.Min(1, _start * Math.Pow(GrowthPerMinute, steps));
        GrowsAt = Share < 1 ? _slowedAt + HoldTicks + (steps * TimeSpan.TicksPerMinute) : long.MaxValue;
    }
}
