using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

public sealed partial class ResponseCache
{
    /// <summary>Marks what runs until disposal as the making of an answer.</summary>
    internal Making Enter(Flight flight) => new(_current, flight);

    /// <summary>Ends a flight with an answer, and keeps the answer if it may be kept. Never throws.</summary>
    /// <param name="flight">The flight.</param>
    /// <param name="response">The answer.</param>
    /// <param name="isFaithful">Whether the answer is all the provider sent.</param>
    internal FlightOutcome Keep(Flight flight, ChatResponse response, bool isFaithful)
    {
        // Made even if it is not kept: it is what the others who wait get.
        byte[]? json = null;
        var stored = isFaithful ? StoredAnswer.TryMake(response, out json) : null;
        var outcome = new FlightOutcome(response, stored);
        var complete = CompleteAnswer.Is(response, flight.Info.StoreToolCalls);
        var isKept = false;
        lock (_gate)
        {
            Remove(flight);
            if (!flight.IsCleared)
                isKept = Store(flight.Key, flight.Info, complete, stored);
        }

        if (isKept && flight.Generations is { } generations)
            StoreElsewhere(flight.Key, flight.Info, response, json, generations);
        return outcome;
    }

    /// <summary>Ends a flight that made nothing.</summary>
    internal FlightOutcome Pass(Flight flight, FlightOutcome outcome)
    {
        lock (_gate)
            Remove(flight);
        return outcome;
    }

    /// <summary>The answer of the second level, which ends the flight; or else notes what a new one would belong to.</summary>
    internal async ValueTask<FlightOutcome?> FindElsewhereAsync(Flight flight, CancellationToken cancellationToken)
    {
        if (_second is not null)
        {
            (var payload, flight.Generations) = await _second.FindAsync(flight.Key, flight.Info, cancellationToken).ConfigureAwait(false);
            if (payload is var (age, ttl, json))
            {
                var stored = StoredAnswer.TryRead(json);
                if (stored?.TryCopy() is not { } response)
                {
                    _second.Invalidate(flight.Key);
                }
                else
                {
                    lock (_gate)
                        if (!flight.IsCleared)
                            _store.TryAdd(flight.Key, flight.Info, ttl, stored, age);
                    if (age < ttl)
                    {
                        Interlocked.Increment(ref _secondLevelHits);
                        CountHit(response);
                        return Pass(flight, new FlightOutcome(response, stored, CacheOutcome.Hit));
                    }
                }
            }
        }

        Interlocked.Increment(ref _misses);
        return null;
    }

    /// <summary>An answer past its time, where a new one could not be had because of others.</summary>
    internal FlightOutcome? FindStale(Flight flight, Exception error)
    {
        // Our own refusals have nothing to do with the provider: what the user may not spend now, he may not have a day later either.
        if (flight.Info.StaleOnError is null || error is TokenBudgetException)
            return null;
        StoredAnswer? stored;
        lock (_gate)
            stored = flight.IsCleared ? null : _store.FindStale(flight.Key);
        if (stored?.TryCopy() is not { } response)
            return null;
        Interlocked.Increment(ref _stale);
        return new FlightOutcome(response, stored, CacheOutcome.Stale);
    }

    /// <summary>The stored answer, a place in the flight that makes it, or a place in a new flight.</summary>
    private Seat TakeSeat(EntryKey key, Func<Flight?, Flight> start)
    {
        while (true)
        {
            StoredAnswer? stored;
            lock (_gate)
            {
                stored = _store.Find(key);
                if (stored is null)
                {
                    if (!_flights.TryGetValue(key, out var flight))
                    {
                        flight = start(_current.Value);
                        _flights.Add(key, flight);
                        return new Seat(null, flight, Leads: true);
                    }

                    // Whoever waits for the answer it is itself making waits for ever.
                    for (var making = _current.Value; making is not null; making = making.Parent)
                        if (ReferenceEquals(making, flight))
                        {
                            Interlocked.Increment(ref _misses);
                            return default;
                        }

                    flight.Waiters++;
                    return new Seat(null, flight, Leads: false);
                }
            }

            if (TryCopy(key, stored) is { } response)
                return new Seat(response, null, Leads: false);
        }
    }

    private async ValueTask LeaveAsync(Flight flight)
    {
        bool abandoned;
        lock (_gate)
        {
            abandoned = --flight.Waiters == 0 && !flight.Landed.IsCompleted;
            // At once, so that nobody joins what is being cancelled.
            if (abandoned)
                Remove(flight);
        }

        if (abandoned)
            await flight.StopAsync().ConfigureAwait(false);
    }

    private void Remove(Flight flight)
    {
        if (_flights.TryGetValue(flight.Key, out var current) && ReferenceEquals(current, flight))
            _flights.Remove(flight.Key);
    }

    /// <summary>Keeps an answer in the second level, if there is one.</summary>
    private void StoreElsewhere(EntryKey key, CacheEntryInfo info, ChatResponse response, byte[]? json, CacheGenerations? generations)
    {
        if (_second is not null && (json ?? ResponsePayload.TryWrite(response)) is { } payload)
            _second.Store(key, info, TtlOf(key, info), payload, generations);
    }

    private bool Store(EntryKey key, CacheEntryInfo info, bool complete, StoredAnswer? stored)
    {
        if (complete && stored is null)
        {
            _failures++;
            return false;
        }

        if (complete && _store.TryAdd(key, info, TtlOf(key, info), stored!))
            return true;
        _rejected++;
        return false;
    }

    /// <summary>Copies a stored answer outside the lock. One that does not read is removed: a miss, not an error.</summary>
    private ChatResponse? TryCopy(EntryKey key, StoredAnswer stored)
    {
        var response = stored.TryCopy();
        if (response is not null)
        {
            CountHit(response);
            return response;
        }

        lock (_gate)
        {
            _failures++;
            _store.Remove(key, stored);
        }

        return null;
    }

    /// <summary>A little shorter for some than for others, so that what was made together is not missed together. By the key, so that all processes agree.</summary>
    private TimeSpan TtlOf(EntryKey key, CacheEntryInfo info)
    {
        var ttl = info.Ttl ?? _defaultTtl;
        return ttl - (ttl * (_ttlJitter * (uint)key.Key.GetHashCode() / uint.MaxValue));
    }

    private void CountHit(ChatResponse response)
    {
        Interlocked.Increment(ref _hits);
        if (response.Usage is not { } usage)
            return;
        Interlocked.Add(ref _avoidedInput, usage.InputTokenCount ?? 0);
        Interlocked.Add(ref _avoidedOutput, usage.OutputTokenCount ?? 0);
    }

    /// <summary>What it is for a caller who joined.</summary>
    private CacheOutcome Joined(CacheOutcome source)
    {
        if (source != CacheOutcome.Miss)
            return source;
        Interlocked.Increment(ref _shared);
        return CacheOutcome.Shared;
    }

    /// <summary>What a caller got: a stored answer, a place in a flight, or nothing, when it must make the answer without the cache.</summary>
    private readonly record struct Seat(ChatResponse? Hit, Flight? Flight, bool Leads);

    /// <summary>Restores, when disposed, what was being made before.</summary>
    internal readonly struct Making : IDisposable
    {
        private readonly AsyncLocal<Flight?> _current;
        private readonly Flight? _before;

        public Making(AsyncLocal<Flight?> current, Flight flight)
        {
            _current = current;
            _before = current.Value;
            current.Value = flight;
        }

        public void Dispose() => _current.Value = _before;
    }
}
