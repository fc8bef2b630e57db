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
        var known = _sorted.AsSpan(0, Count);
        if (Count == Memory)
        {
            var gone = known.BinarySearch(_inOrderOfTime[_next]);
            known[(gone + 1)..].CopyTo(known[gone..]);
            known = known[..^1];
        }
        else
        {
            Count++;
        }

        var place = known.BinarySearch(value);
        place = place < 0 ? ~place : place;
        known[place..].CopyTo(_sorted.AsSpan(place + 1));
        _sorted[place] = value;
        _inOrderOfTime[_next] = value;
        _next = (_next + 1) % Memory;
    }
}
