using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>Amounts of the last minute, in cells. A cell leaves only when all of it is a minute old, so that the sum is never too small.</summary>
/// <param name="cellTicks">The length of a cell: a tenth of a second makes room at most that much late.</param>
internal sealed class SlidingWindow(long cellTicks) : RateMeter
{
    public const long CellTicks = TimeSpan.TicksPerSecond / 10;

    // A cell that is just over still has a minute to go. One more lies ahead of the present, for what a coarse clock books as later than it reads.
    private readonly long _span = (TimeSpan.TicksPerMinute / cellTicks) + 1;
    private readonly Vector256<long>[] _cells = new Vector256<long>[(TimeSpan.TicksPerMinute / cellTicks) + 2];
    private long _newest = long.MinValue;

    private long Oldest => _newest - _span + 1;

    public override void Advance(long now)
    {
        var cell = now / cellTicks;
        if (_newest == long.MinValue)
            _newest = cell;
        for (var steps = Math.Min(cell - _newest, _cells.Length); steps > 0; steps--)
        {
            _newest = steps == _cells.Length ? cell - steps + 1 : _newest + 1;
            ref var amounts = ref Cell(_newest - _span);
            Used -= amounts;
            amounts = default;
        }

        StaleAt = (_newest + 1) * cellTicks;
    }

    public override void Add(long at, Vector256<long> amounts)
    {
        var cell = Math.Min(at / cellTicks, _newest + 1);
        if (cell < Oldest)
            return;
        Cell(cell) += amounts;
        Used += amounts;
    }

    public override Vector256<long> AddedAfter(long at)
    {
        var sum = Vector256<long>.Zero;
        for (var cell = Math.Max((at / cellTicks) + 1, Oldest); cell <= _newest + 1; cell++)
            sum += Cell(cell);
        return sum;
    }

    public override Vector256<long> UsedAt(long instant)
    {
        var left = Used;
        var last = Math.Min((instant / cellTicks) - _span, _newest + 1);
        for (var cell = Oldest; cell <= last; cell++)
            left -= Cell(cell);
        return left;
    }

    public override long InstantWhenAtMost(int lane, long atMost)
    {
        var left = Used[lane];
        for (var cell = Oldest; cell <= _newest + 1; cell++)
        {
            left -= Cell(cell)[lane];
            if (left <= atMost)
                return (cell + _span) * cellTicks;
        }

        return long.MaxValue;
    }

    public override long Remains(int lane, long amount, long since, long now) => amount;

    private ref Vector256<long> Cell(long cell)
    {
        var index = (int)(cell % _cells.Length);
        return ref _cells[index < 0 ? index + _cells.Length : index];
    }
}
