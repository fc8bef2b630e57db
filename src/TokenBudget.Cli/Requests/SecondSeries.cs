namespace TokenBudget.Cli.Requests;

/// <summary>The largest value of each second, of something that keeps its value until it is told another.</summary>
internal sealed class SecondSeries
{
    private readonly List<long> _maxima = [];
    private long _value;

    /// <summary>One value a second, from the beginning.</summary>
    public IReadOnlyList<long> Maxima => _maxima;

    /// <summary>From this instant, in ticks and not before the last one, the value is another.</summary>
    public void Record(long instant, long value)
    {
        var second = (int)(instant / TimeSpan.TicksPerSecond);
        while (_maxima.Count <= second)
            _maxima.Add(_value);
        _maxima[second] = Math.Max(_maxima[second], value);
        _value = value;
    }
}
