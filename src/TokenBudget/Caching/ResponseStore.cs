namespace TokenBudget.Caching;

/// <summary>Answers in memory: bounded by bytes, the least recently used goes first, each with its time to live. Not thread-safe.</summary>
internal sealed class ResponseStore(long maxBytes, TimeProvider time)
{
    /// <summary>What an entry costs besides its payload: the entry, its list node, its slot in the table and the array's header.</summary>
    internal const int EntryOverheadBytes = 288;

    private readonly Dictionary<EntryKey, LinkedListNode<Entry>> _entries = [];

    /// <summary>Most recently used first.</summary>
    private readonly LinkedList<Entry> _order = new();

    public long Bytes { get; private set; }

    public int Count => _entries.Count;

    public long Stored { get; private set; }

    public long Evicted { get; private set; }

    public long Expired { get; private set; }

    public byte[]? Find(EntryKey key)
    {
        if (!_entries.TryGetValue(key, out var node))
            return null;

        if (IsExpired(node.Value))
        {
            Expired++;
            Remove(node);
            return null;
        }

        _order.Remove(node);
        _order.AddFirst(node);
        return node.Value.Payload;
    }

    /// <summary>Keeps a payload in place of an older one; <see langword="false"/>, and nothing changes, when it is larger than the whole store.</summary>
    public bool TryAdd(EntryKey key, CacheEntryInfo info, TimeSpan ttl, byte[] payload)
    {
        var entry = new Entry(key, info.Agent, payload, time.GetTimestamp(), ttl);
        if (entry.Bytes > maxBytes)
            return false;

        if (_entries.TryGetValue(key, out var old))
            Remove(old);
        while (Bytes + entry.Bytes > maxBytes)
        {
            var last = _order.Last!;
            if (IsExpired(last.Value))
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

    /// <summary>Removes an entry if it still has that payload.</summary>
    public void Remove(EntryKey key, byte[] payload)
    {
        if (_entries.TryGetValue(key, out var node) && ReferenceEquals(node.Value.Payload, payload))
            Remove(node);
    }

    public int RemoveWhere(Func<EntryKey, string, bool> matches)
    {
        var removed = 0;
        for (var node = _order.First; node is not null;)
        {
            var next = node.Next;
            if (matches(node.Value.Key, node.Value.Agent))
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

    private bool IsExpired(Entry entry) => time.GetElapsedTime(entry.StoredAt) >= entry.Ttl;

    private sealed record Entry(EntryKey Key, string Agent, byte[] Payload, long StoredAt, TimeSpan Ttl)
    {
        // The scope is counted for every entry, because tenants are many; the agents' names are few and shared.
        public long Bytes { get; } = EntryOverheadBytes + Payload.Length + sizeof(char) * (long)(Key.Scope?.Length ?? 0);
    }
}
