using System.Globalization;

namespace TokenBudget.Conversations;

/// <summary>Makes the call ids of one conversation unique, and gives each result the id its call got.</summary>
internal sealed class RecordedCallIds
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<(string Recorded, string Unique)> _open = [];

    /// <summary>The id of the next call.</summary>
    public string OfCall(string recorded)
    {
        var unique = recorded;
        for (var count = 2; !_taken.Add(unique); count++)
            unique = string.Create(CultureInfo.InvariantCulture, $"{recorded}-{count}");
        _open.Add((recorded, unique));
        return unique;
    }

    /// <summary>The id of the next result: that of the oldest call which still waits for this one, or else the recorded id.</summary>
    public string OfResult(string recorded)
    {
        var index = _open.FindIndex(call => call.Recorded == recorded);
        if (index < 0)
            return recorded;
        var unique = _open[index].Unique;
        _open.RemoveAt(index);
        return unique;
    }

    /// <summary>Something else was said: calls that are still open stay without a result.</summary>
    public void EndResults() => _open.Clear();
}
