using System.Collections.Concurrent;

namespace TokenBudget.AspNetCore.Prometheus;

/// <summary>
/// The values one label may have: the first that come, and <see cref="Other"/> for the rest. Who has a place keeps it, for a counter that moved into <see cref="Other"/> and out again would
/// look like one that was reset. Thread-safe.
/// </summary>
/// <param name="most">How many values have a place.</param>
internal sealed class LabelBound(int most)
{
    public const string Other = "other";

    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public string Of(string value)
    {
        if (_known.ContainsKey(value))
            return value;
        lock (_gate)
            return _known.Count < most && _known.TryAdd(value, 0) || _known.ContainsKey(value) ? value : Other;
    }
}
