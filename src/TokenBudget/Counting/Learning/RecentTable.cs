namespace TokenBudget.Counting.Learning;

/// <summary>A table that forgets what has not been asked for longest, roughly: between once and twice as many entries as it was made for.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RecentTable<TValue>(int size)
    where TValue : class
{
    private Dictionary<ulong, TValue> _young = [];
    private Dictionary<ulong, TValue> _old = [];

    public int Count => _young.Count + _old.Count;

    public TValue? Find(ulong key)
    {
        if (_young.TryGetValue(key, out var value))
            return value;
        if (!_old.Remove(key, out value))
            return null;
        Set(key, value);
        return value;
    }

    public void Set(ulong key, TValue value)
    {
        _young[key] = value;
        if (_young.Count < size)
            return;
        (_old, _young) = (_young, _old);
        _young.Clear();
    }
}
