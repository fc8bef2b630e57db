namespace TokenBudget.Caching;

/// <summary>Answers in memory: bounded by bytes, the least recently used goes first, each with its time to live. Not thread-safe.</summary>
internal sealed class ResponseStore(long maxBytes, TimeProvider time)
{
    /// <summary>What an entry costs besides its answer: the entry, its list node, its slot in a table that is three quarters full.</summary>
    internal const int EntryOverheadBytes = 288;

    /// <summary>What it costs besides the characters that an entry has a scope: it then has a description of its own.</summary>
    private const int ScopeOverheadBytes = 96;

    private readonly Dictionary<EntryKey, LinkedListNode<Entry>> _entries = [];

    /// <summary>Most recently used first.</summary>
    private readonly LinkedList<Entry> _order = new();

    public long MaxBytes => maxBytes;

    public long Bytes { get; private set; }

    public int Count => _entries.Count;

    public long Stored { get; private set; }

    public long Evicted { get; private set; }

    public long Expired { get; private set; }

    public StoredAnswer? Find(EntryKey key)
    {
        if (!_entries.TryGetValue(key, out var node))
            return null;

        var age = AgeOf(node.Value);
        if (age >= node.Value.Ttl)
        {
            if (age < node.Value.LastUse)
                return null;
            Expired++;
            Remove(node);
            return null;
        }

        if (node.Previous is not null)
        {
            _order.Remove(node);
            _order.AddFirst(node);
        }

        return node.Value.Answer;
    }

    /// <summary>The answer whatever its age, as long as it is kept for the case that no new one can be had.</summary>
    public StoredAnswer? FindStale(EntryKey key) =>
        _entries.TryGetValue(key, out var node) && AgeOf(node.Value) < node.Value.LastUse ? node.Value.Answer : null;

    /// <summary>Keeps an answer in place of an older one; <see langword="false"/>, and nothing changes, when it is larger than the whole store.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="info">Whose it is.</param>
    /// <param name="ttl">How long it serves, from its making.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="age">How long ago it was made.</param>
    public bool TryAdd(EntryKey key, CacheEntryInfo info, TimeSpan ttl, StoredAnswer answer, TimeSpan age = default)
    {
        var madeAt = time.GetTimestamp() - (long)(age.TotalSeconds * time.TimestampFrequency);
        var entry = new Entry(key, info, answer, madeAt, ttl);
        if (entry.Bytes > maxBytes)
            return false;

        if (_entries.TryGetValue(key, out var old))
            Remove(old);
        while (Bytes + entry.Bytes > maxBytes)
        {
            var last = _order.Last!;
            if (AgeOf(last.Value) >= last.Value.Ttl)
                Expired++;
            else
                Evicted++;
            Remove(last);
        }

        _entries.Add(key, _order.AddFirst(entry));
        Bytes += entry.Bytes;
        Stored++;
        return true;
    }

    /// <summary>Removes an entry if it still has that answer.</summary>
    public void Remove(EntryKey key, StoredAnswer answer)
    {
        if (_entries.TryGetValue(key, out var node) && ReferenceEquals(node.Value.Answer, answer))
            Remove(node);
    }

    public int RemoveWhere(Func<EntryKey, CacheEntryInfo, bool> matches)
    {
        var removed = 0;
        for (var node = _order.First; node is not null;)
        {
            var next = node.Next;
            if (matches(node.Value.Key, node.Value.Info))
            {
                Remove(node);
                removed++;
            }

            node = next;
        }

        return removed;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _order.Remove(node);
        _entries.Remove(node.Value.Key);
        Bytes -= node.Value.Bytes;
    }

    private TimeSpan AgeOf(Entry entry) => time.GetElapsedTime(entry.MadeAt);

    private sealed record Entry(EntryKey Key, CacheEntryInfo Info, StoredAnswer Answer, long MadeAt, TimeSpan Ttl)
    {
        /// <summary>The age at which it serves for nothing any more.</summary>
        public TimeSpan LastUse => Ttl + (Info.StaleOnError ?? TimeSpan.Zero);

        // The scope is counted for every entry, because tenants are many; the agents' names are few and shared.
        public long Bytes { get; } = EntryOverheadBytes + Answer.Bytes + (Key.Scope is { } scope ? ScopeOverheadBytes + (sizeof(char) * (long)scope.Length) : 0);
    }
}
