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
    public ValueTask<int> ClearAsync(CancellationToken cancellationToken = default) => ClearAsync(CacheClear.Everything, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<int> ClearAgentAsync(string agent, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return ClearAsync(new CacheClear(agent), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<int> ClearMethodAsync(string agent, string method, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(method);
        return ClearAsync(new CacheClear(agent, method), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<int> ClearScopeAsync(string scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return ClearAsync(new CacheClear(Scope: scope), cancellationToken);
    }

    /// <summary>Tells other processes what was cleared, so that they forget what they have in memory.</summary>
    internal Func<CacheClear, CancellationToken, Task>? Announce { get; set; }

    /// <summary>How many writes to the second level have not ended.</summary>
    internal int PendingWrites => _second?.PendingWrites ?? 0;

    /// <summary>How many callers without a scope wait for the answer of a key.</summary>
    internal int WaitersOf(CacheKey key)
    {
        lock (_gate)
            return _flights.TryGetValue(new EntryKey(key, null), out var flight) ? flight.Waiters : 0;
    }

    /// <summary>Forgets what is in memory, and lets nothing be kept that is being made: it was asked for before.</summary>
    internal int Forget(CacheClear what)
    {
        lock (_gate)
        {
            // Its callers get it, but later ones must not.
            foreach (var flight in _flights.Values.Where(flight => what.Matches(flight.Key, flight.Info)).ToList())
            {
                flight.IsCleared = true;
                _flights.Remove(flight.Key);
            }

            return _store.RemoveWhere(what.Matches);
        }
    }

    /// <summary>The second level first: what is found there until then is in memory before memory is cleared, here and elsewhere.</summary>
    private async ValueTask<int> ClearAsync(CacheClear what, CancellationToken cancellationToken)
    {
        var cleared = 0;
        try
        {
            if (_second is not null)
                await _second.ClearAsync(what, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            cleared = Forget(what);
            if (Announce is { } announce)
                await announce(what, cancellationToken).ConfigureAwait(false);
        }

        return cleared;
    }
}
