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
                Misses = Interlocked.Read(ref _misses),
                Shared = Interlocked.Read(ref _shared),
                Stored = _store.Stored,
                Evicted = _store.Evicted,
                Expired = _store.Expired,
                Rejected = _rejected,
                Failures = _failures,
                Stale = Interlocked.Read(ref _stale),
                AvoidedInputTokens = Interlocked.Read(ref _avoidedInput),
                AvoidedOutputTokens = Interlocked.Read(ref _avoidedOutput),
                SecondLevelHits = Interlocked.Read(ref _secondLevelHits),
                SecondLevelFailures = _second?.Failures ?? 0,
                SecondLevelInvalid = _second?.Invalid ?? 0,
                SecondLevelPaused = _second?.IsPaused ?? false,
                Entries = _store.Count,
                Bytes = _store.Bytes,
                MaxBytes = _store.MaxBytes,
            };
    }

    /// <inheritdoc/>
    public ValueTask<int> ClearAsync(CancellationToken cancellationToken = default) =>
        ClearAsync(_second?.ClearAsync(cancellationToken), static (_, _) => true);

    /// <inheritdoc/>
    public ValueTask<int> ClearAgentAsync(string agent, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return ClearAsync(_second?.ClearAgentAsync(agent, cancellationToken), (_, info) => info.Agent == agent);
    }

    /// <inheritdoc/>
    public ValueTask<int> ClearMethodAsync(string agent, string method, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(method);
        return ClearAsync(_second?.ClearMethodAsync(agent, method, cancellationToken), (_, info) => info.Agent == agent && info.Method == method);
    }

    /// <inheritdoc/>
    public ValueTask<int> ClearScopeAsync(string scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return ClearAsync(_second?.ClearScopeAsync(scope, cancellationToken), (key, _) => key.Scope == scope);
    }

    /// <summary>How many writes to the second level have not ended.</summary>
    internal int PendingWrites => _second?.PendingWrites ?? 0;

    /// <summary>How many callers without a scope wait for the answer of a key.</summary>
    internal int WaitersOf(CacheKey key)
    {
        lock (_gate)
            return _flights.TryGetValue(new EntryKey(key, null), out var flight) ? flight.Waiters : 0;
    }

    /// <summary>The second level first: what is found there until then is in memory before memory is cleared.</summary>
    private async ValueTask<int> ClearAsync(Task? secondLevel, Func<EntryKey, CacheEntryInfo, bool> matches)
    {
        var cleared = 0;
        try
        {
            await (secondLevel ?? Task.CompletedTask).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                // What is being made was asked for before: its callers get it, but later ones must not.
                foreach (var flight in _flights.Values.Where(flight => matches(flight.Key, flight.Info)).ToList())
                {
                    flight.IsCleared = true;
                    _flights.Remove(flight.Key);
                }

                cleared = _store.RemoveWhere(matches);
            }
        }

        return cleared;
    }
}
