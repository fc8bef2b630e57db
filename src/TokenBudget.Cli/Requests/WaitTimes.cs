namespace TokenBudget.Cli.Requests;

/// <summary>How long requests waited: all of them are kept, eight bytes each, so that percentiles are exact.</summary>
internal sealed class WaitTimes
{
    private readonly List<long> _ticks = [];
    private bool _sorted;

    public void Add(long ticks)
    {
        _ticks.Add(ticks);
        _sorted = false;
    }

    /// <summary>The shortest wait that at least so many percent of the requests did not exceed; zero when there were none.</summary>
    /// <param name="percent">1 to 100.</param>
    public TimeSpan Percentile(int percent)
    {
        if (_ticks.Count == 0)
            return TimeSpan.Zero;
        if (!_sorted)
            _ticks.Sort();
        _sorted = true;
        return TimeSpan.FromTicks(_ticks[(int)((((long)percent * _ticks.Count) + 99) / 100) - 1]);
    }
}
