using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;

namespace TokenBudget.Caching;

/// <summary>
/// The response cache: answers in memory, bounded by bytes, the least recently used goes first, each with a time to live; behind it, if given, a second level that
/// processes share; one call in flight for a key.
/// </summary>
/// <remarks>
/// Thread-safe. Only complete answers are kept: those that end with <see cref="ChatFinishReason.Stop"/> and have content other than reasoning; with tool
/// calls only where <see cref="CacheEntryInfo.StoreToolCalls"/> says so; never with errors. Every hit is a new object, with all the JSON of the answer has.
/// What a hit lacks: raw representations, and the id of a conversation the provider keeps, which is its first caller's alone.
/// </remarks>
public sealed partial class ResponseCache : IResponseCache
{
    // One lock for the store and the flights: between a look into the store and a look at the flights, a flight could land and be made twice.
    private readonly Lock _gate = new();
    private readonly Dictionary<EntryKey, Flight> _flights = [];
    private readonly ResponseStore _store;
    private readonly SecondLevel? _second;
    private readonly TimeSpan _defaultTtl;
    private readonly double _ttlJitter;
    private readonly AsyncLocal<Flight?> _current = new();
    private long _hits;
    private long _misses;
    private long _shared;
    private long _rejected;
    private long _failures;
    private long _stale;
    private long _secondLevelHits;
    private long _avoidedInput;
    private long _avoidedOutput;

    /// <summary>An empty cache.</summary>
    /// <param name="options">How much it keeps and how long; read once, now.</param>
    /// <param name="time">The clock answers age by.</param>
    /// <param name="secondLevel">A store shared with other processes, asked on a miss; none, memory alone. It sees the answers as they are: it must be yours.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message says which.</exception>
    public ResponseCache(ResponseCacheOptions options, TimeProvider time, IDistributedCache? secondLevel = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Validate();
        _store = new ResponseStore(options.MaxBytes, time);
        _defaultTtl = options.DefaultTtl;
        _ttlJitter = options.TtlJitter;
        _second = secondLevel is null ? null : new SecondLevel(secondLevel, options, time);
    }

    /// <inheritdoc/>
    public ValueTask<CacheResult> GetOrCreateAsync(
        CacheKey key, CacheEntryInfo info, Func<CancellationToken, Task<ChatResponse>> create, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(create);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<CacheResult>(cancellationToken);

        var entry = new EntryKey(key, info.Scope);
        return Find(entry) is { } response
            ? new ValueTask<CacheResult>(new CacheResult(response, CacheOutcome.Hit))
            : new ValueTask<CacheResult>(MakeAsync(entry, info, create, cancellationToken));
    }

    /// <inheritdoc/>
    /// <remarks>Of the first level alone.</remarks>
    public ValueTask<ChatResponse?> TryGetAsync(CacheKey key, CacheEntryInfo info, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ChatResponse?>(cancellationToken);
        return ValueTask.FromResult(Find(new EntryKey(key, info.Scope)));
    }

    /// <inheritdoc/>
    public bool TryStore(CacheKey key, CacheEntryInfo info, ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(response);
        var complete = CompleteAnswer.Is(response, info.StoreToolCalls);
        byte[]? json = null;
        var stored = complete ? StoredAnswer.TryMake(response, out json) : null;
        var entry = new EntryKey(key, info.Scope);
        bool isKept;
        lock (_gate)
            isKept = Store(entry, info, complete, stored);
        if (isKept)
            StoreElsewhere(entry, info, response, json, generations: null);
        return isKept;
    }

    /// <summary>The answer in memory, as the caller's own object.</summary>
    private ChatResponse? Find(EntryKey key)
    {
        StoredAnswer? stored;
        lock (_gate)
            stored = _store.Find(key);
        return stored is null ? null : TryCopy(key, stored);
    }

    private async Task<CacheResult> MakeAsync(
        EntryKey key, CacheEntryInfo info, Func<CancellationToken, Task<ChatResponse>> create, CancellationToken cancellationToken)
    {
        for (var retried = false; ; retried = true)
        {
            var seat = TakeSeat(key, parent => new ResponseFlight(this, key, info, parent, create));
            if (seat.Hit is { } hit)
                return new CacheResult(hit, CacheOutcome.Hit);
            if (seat.Flight is not { } flight)
                return new CacheResult(await create(cancellationToken).ConfigureAwait(false), CacheOutcome.Miss);

            if (seat.Leads)
                _ = ((ResponseFlight)flight).RunAsync();
            var outcome = await WaitAsync(flight, cancellationToken).ConfigureAwait(false);
            if (outcome.Error is null)
                return seat.Leads
                    ? new CacheResult(outcome.Original!, outcome.Source)
                    : new CacheResult(outcome.Copy(), Joined(outcome.Source));
            // The error was another caller's: one of those who waited leads the second attempt, the others wait for that.
            if (seat.Leads || retried)
                outcome.Error.Throw();
        }
    }

    private async Task<FlightOutcome> WaitAsync(Flight flight, CancellationToken cancellationToken)
    {
        try
        {
            return await flight.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await LeaveAsync(flight).ConfigureAwait(false);
        }
    }
}
