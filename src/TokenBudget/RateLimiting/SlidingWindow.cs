using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>Amounts of the last minute, in cells. A cell leaves only when all of it is a minute old, so that the sum is never too small.</summary>
/// <param name="cellTicks">The length of a cell: a tenth of a second makes room at most that much late.</param>
internal sealed class SlidingWindow(long cellTicks) : RateMeter
{
    public const long CellTicks = TimeSpan.TicksPerSecond / 10;

    // A cell that is just over still has a minute to go. One more lies ahead of the present, for what a coarse clock books as later than it reads.
    private const int Ahead = -1;
    private readonly int _span = (int)(TimeSpan.TicksPerMinute / cellTicks) + 1;
    private readonly Vector256<long>[] _cells = new Vector256<long>[(TimeSpan.TicksPerMinute / cellTicks) + 2];
    private int _newest;
    private long _newestStart;

    private int Oldest => _span - 1;

    public override void Advance(long now)
    {
        var steps = Math.Max(0, now - _newestStart) / cellTicks;
        _newestStart += steps * cellTicks;
        StaleAt = _newestStart + cellTicks;
        if (steps > _span)
        {
            Array.Clear(_cells);
            Used = default;
            return;
        }

        for (; steps > 0; steps--)
        {
            // The oldest one goes, and comes back as the one ahead.
            ref var oldest = ref Cell(Oldest);
            Used -= oldest;
            oldest = default;
            _newest = _newest + 1 == _cells.Length ? 0 : _newest + 1;
        }
    }

    public override void Add(long at, Vector256<long> amounts)
    {
        var back = CellsBack(at);
        if (back > Oldest)
            return;
        Cell((int)back) += amounts;
        Used += amounts;
    }

    public override Vector256<long> AddedAfter(long at)
    {
        var sum = Vector256<long>.Zero;
        for (var back = (int)Math.Min(CellsBack(at) - 1, Oldest); back >= Ahead; back--)
            sum += Cell(back);
        return sum;
    }

    public override Vector256<long> UsedAt(long instant)
    {
        var left = Used;
        var first = Math.Max(_span - (Math.Max(0, instant - _newestStart) / cellTicks), Ahead);
        for (var back = Oldest; back >= first; back--)
            left -= Cell(back);
        return left;
    }

    public override long InstantWhenAtMost(int lane, long atMost)
    {
        var left = Used[lane];
        for (var back = Oldest; back >= Ahead; back--)
        {
            left -= Cell(back)[lane];
            if (left <= atMost)
                return _newestStart + ((_span - back) * cellTicks);
        }

        return long.MaxValue;
    }

    public override long Remains(int lane, long amount, long since, long now) => amount;

    /// <summary>How many cells before the newest an instant lies. Nearly always in the newest or right behind it: then there is nothing to divide.</summary>
    private long CellsBack(long at)
    {
        var after = at - _newestStart;
        return after >= cellTicks ? Ahead : after >= 0 ? 0 : ((cellTicks - 1) - after) / cellTicks;
    }

    private ref Vector256<long> Cell(int back)
    {
        var index = _newest - back;
        return ref _cells[index < 0 ? index + _cells.Length : index == _cells.Length ? 0 : index];
    }
}
