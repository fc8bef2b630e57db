namespace TokenBudget.RateLimiting;

/// <summary>Amounts of the last minute, in cells of a tenth of a second. A cell leaves only when all of it is a minute old, so that the sum is never too small.</summary>
/// <remarks>Not thread-safe: its owner holds a lock.</remarks>
internal sealed class SlidingWindow
{
    public const long CellTicks = TimeSpan.TicksPerSecond / 10;
    private const int Cells = 601;
    private readonly long[] _amounts = new long[Cells];
    private long _newest = long.MinValue;

    /// <summary>The sum of the last minute.</summary>
    public long Sum { get; private set; }

    /// <summary>Lets cells older than a minute go. A clock that steps back changes nothing.</summary>
    public void Advance(long ticks)
    {
        var cell = ticks / CellTicks;
        if (_newest == long.MinValue)
            _newest = cell;
        for (var steps = Math.Min(cell - _newest, Cells); steps > 0; steps--)
        {
            _newest = steps == Cells ? cell - Cells + 1 : _newest + 1;
            ref var amount = ref _amounts[Index(_newest)];
            Sum -= amount;
            amount = 0;
        }

        _newest = Math.Max(_newest, cell);
    }

    /// <summary>Books an amount at an instant; one more than a minute ago is gone already.</summary>
    public void Add(long ticks, long amount)
    {
        var cell = Math.Min(ticks / CellTicks, _newest);
        if (cell <= _newest - Cells)
            return;
        _amounts[Index(cell)] += amount;
        Sum += amount;
    }

    /// <summary>What was booked at an instant or before it.</summary>
    public long SumUntil(long ticks)
    {
        var sum = Sum;
        for (var cell = Math.Max((ticks / CellTicks) + 1, _newest - Cells + 1); cell <= _newest; cell++)
            sum -= _amounts[Index(cell)];
        return sum;
    }

    /// <summary>The first instant at which at most <paramref name="atMost"/> is left, if nothing is added; the sum must be larger now.</summary>
    public long InstantWhenAtMost(long atMost)
    {
        var left = Sum;
        for (var cell = _newest - Cells + 1; cell <= _newest; cell++)
        {
            left -= _amounts[Index(cell)];
            if (left <= atMost)
                return (cell + Cells) * CellTicks;
        }

        return long.MaxValue;
    }

    private static int Index(long cell) => (int)(((cell % Cells) + Cells) % Cells);
}
