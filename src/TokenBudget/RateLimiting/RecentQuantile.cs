namespace TokenBudget.RateLimiting;

/// <summary>A high quantile of the last values: of 256, the third largest. Allocates nothing after its creation. Not thread-safe.</summary>
internal sealed class RecentQuantile
{
    public const int Memory = 256;
    private const int PerHundred = 99;

    private readonly double[] _inOrderOfTime = new double[Memory];
    private readonly double[] _sorted = new double[Memory];
    private int _next;

    /// <summary>How many of the last values are known.</summary>
    public int Count { get; private set; }

    /// <summary>The smallest of the known values that 99 of 100 of them do not exceed; 0 when none is known.</summary>
    public double Value => Count == 0 ? 0 : _sorted[(((PerHundred * Count) + 99) / 100) - 1];

    /// <summary>Takes a value in; the oldest makes room for it.</summary>
    public void Add(double value)
    {
        var isFull = Count == Memory;
        var oldest = _inOrderOfTime[_next];
        _inOrderOfTime[_next] = value;
        _next = (_next + 1) % Memory;
        if (isFull && value == oldest)
            return;
        // Only what lies between the place that gets free and the one that is wanted moves.
        var free = isFull ? Place(0, Memory, oldest) : Count++;
        if (isFull && value > oldest)
        {
            var place = Place(free + 1, Memory, value) - 1;
            Array.Copy(_sorted, free + 1, _sorted, free, place - free);
            _sorted[place] = value;
        }
        else
        {
            var place = Place(0, free, value);
            Array.Copy(_sorted, place, _sorted, place + 1, free - place);
            _sorted[place] = value;
        }
    }

    /// <summary>Where a value is, or would have to be, among those in order.</summary>
    private int Place(int from, int to, double value)
    {
        var place = Array.BinarySearch(_sorted, from, to - from, value);
        return place < 0 ? ~place : place;
    }
}
