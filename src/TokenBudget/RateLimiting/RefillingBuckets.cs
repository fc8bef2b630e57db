using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>What is missing from buckets that refill continuously, a minute's limit in a minute, as providers count. May go into debt.</summary>
/// <remarks>Exact: a bucket moves by whole tokens, and keeps the time that was not enough for another one.</remarks>
internal sealed class RefillingBuckets : RateMeter
{
    // Only for readings, which are younger than their answer is long; a second is exact enough there.
    private readonly SlidingWindow _log = new(TimeSpan.TicksPerSecond);
    private readonly long[] _at = new long[RateLane.Count];
    private Vector256<long> _perMinute;

    public RefillingBuckets(Vector256<long> perMinute) => _perMinute = perMinute;

    /// <summary>Changes the limits, and with them how fast the buckets refill.</summary>
    public void SetLimits(Vector256<long> perMinute) => _perMinute = perMinute;

    public override void Advance(long now)
    {
        _log.Advance(now);
        for (var lane = 0; lane < RateLane.Count; lane++)
        {
            var elapsed = now - _at[lane];
            if (elapsed <= 0)
                continue;
            var rate = _perMinute[lane];
            var refilled = (Int128)elapsed * rate / TimeSpan.TicksPerMinute;
            if (refilled >= Used[lane])
            {
                Used = Used.WithElement(lane, 0);
                _at[lane] = now;
            }
            else
            {
                Used = Used.WithElement(lane, Used[lane] - (long)refilled);
                _at[lane] += (long)(((refilled * TimeSpan.TicksPerMinute) + rate - 1) / rate);
            }
        }

        StaleAt = now + 1;
    }

    public override void Add(long at, Vector256<long> amounts)
    {
        _log.Add(at, amounts);
        Used = Vector256.Max(Used + amounts, Vector256<long>.Zero);
    }

    public override Vector256<long> AddedAfter(long at) => _log.AddedAfter(at);

    public override Vector256<long> UsedAt(long instant)
    {
        var used = Used;
        for (var lane = 0; lane < RateLane.Count; lane++)
            used = used.WithElement(lane, Remains(lane, used[lane], _at[lane], instant));
        return used;
    }

    public override long InstantWhenAtMost(int lane, long atMost)
    {
        var missing = (Int128)(Used[lane] - atMost) * TimeSpan.TicksPerMinute;
        var rate = _perMinute[lane];
        return _at[lane] + (long)Int128.Min((missing + rate - 1) / rate, long.MaxValue / 2);
    }

    public override long Remains(int lane, long amount, long since, long now)
    {
        var refilled = (Int128)Math.Max(0, now - since) * _perMinute[lane] / TimeSpan.TicksPerMinute;
        return refilled >= amount ? 0 : amount - (long)refilled;
    }
}
