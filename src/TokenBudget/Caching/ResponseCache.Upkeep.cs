namespace TokenBudget.Caching;

public sealed partial class ResponseCache
{
    /// <summary>How many answers are being made.</summary>
    internal int InFlight
    {
        get
        {
            lock (_gate)
                return _flights.Count;
        }
    }

    /// <inheritdoc/>
    public ResponseCacheStatistics GetStatistics()
    {
        lock (_gate)
            return new ResponseCacheStatistics
            {
                Hits = Interlocked.Read(ref _hits),
                Misses = _misses,
                Shared = Interlocked.Read(ref _shared),
                Stored = _store.Stored,
                Evicted = _store.Evicted,
                Expired = _store.Expired,
                Rejected = _rejected,
                Failures = _failures,
                Entries = _store.Count,
                Bytes = _store.Bytes,
            };
    }

    /// <inheritdoc/>
    public int Clear() => Clear(static (_, _) => true);

    /// <inheritdoc/>
    public int ClearAgent(string agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return Clear((_, other) => string.Equals(agent, other, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public int ClearScope(string scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return Clear((key, _) => string.Equals(scope, key.Scope, StringComparison.Ordinal));
    }

    /// <summary>How many callers without a scope wait for the answer of a key.</summary>
    internal int WaitersOf(CacheKey key)
    {
        lock (_gate)
            return _flights.TryGetValue(new EntryKey(key, null), out var flight) ? flight.Waiters : 0;
    }

    private int Clear(Func<EntryKey, string, bool> matches)
    {
        lock (_gate)
        {
            // What is being made was asked for before: its callers get it, but later ones must not.
            foreach (var flight in _flights.Values.Where(flight => matches(flight.Key, flight.Info.Agent)).ToList())
            {
                flight.IsCleared = true;
                _flights.Remove(flight.Key);
            }

            return _store.RemoveWhere(matches);
        }
    }
}
