namespace TokenBudget.AspNetCore.Prometheus;

/// <summary>One instrument with one set of labels: a sum, or a histogram of seconds. Thread-safe.</summary>
internal sealed class Series(bool isHistogram)
{
    /// <summary>The upper bounds of a histogram's buckets, in seconds: from our own microseconds to minutes of waiting.</summary>
    public static readonly double[] Bounds = [0.000_01, 0.000_1, 0.001, 0.01, 0.1, 1, 10, 60, 300];

    private readonly Lock _gate = new();
    private readonly long[] _buckets = isHistogram ? new long[Bounds.Length] : [];
    private double _sum;
    private long _count;

    public bool IsHistogram => isHistogram;

    public void Add(double value)
    {
        lock (_gate)
        {
            _sum += value;
            _count++;
            for (var bound = _buckets.Length - 1; bound >= 0 && value <= Bounds[bound]; bound--)
                _buckets[bound]++;
        }
    }

    public (double Sum, long Count, long[] Buckets) Read()
    {
        lock (_gate)
            return (_sum, _count, [.. _buckets]);
    }
}
