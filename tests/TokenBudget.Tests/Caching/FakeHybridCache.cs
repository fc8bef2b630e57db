using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Hybrid;

namespace TokenBudget.Tests.Caching;

/// <summary>A HybridCache in a dictionary, with tags and with one factory at a time for a key, as the real one promises.</summary>
internal sealed class FakeHybridCache : HybridCache
{
    private readonly ConcurrentDictionary<string, (object? Value, string[] Tags)> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<object?>>> _running = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, TimeSpan?> Expirations { get; } = new(StringComparer.Ordinal);

    public int Count => _entries.Count;

    public override async ValueTask<T> GetOrCreateAsync<TState, T>(
        string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        if (_entries.TryGetValue(key, out var known))
            return (T)known.Value!;
        if (options?.Flags is { } flags && flags.HasFlag(HybridCacheEntryFlags.DisableUnderlyingData))
            return default!;
        string[] kept = [.. tags ?? []];
        var running = _running.GetOrAdd(key, _ => new Lazy<Task<object?>>(async () =>
        {
            try
            {
                var value = await factory(state, CancellationToken.None);
                _entries[key] = (value, kept);
                Expirations[key] = options?.Expiration;
                return value;
            }
            finally
            {
                _running.TryRemove(key, out Lazy<Task<object?>>? _);
            }
        }));
        return (T)(await running.Value.WaitAsync(cancellationToken))!;
    }

    public override ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        _entries[key] = (value, [.. tags ?? []]);
        Expirations[key] = options?.Expiration;
        return ValueTask.CompletedTask;
    }

    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        _entries.TryRemove(key, out _);
        return ValueTask.CompletedTask;
    }

    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        foreach (var (key, entry) in _entries)
            if (entry.Tags.Contains(tag))
                _entries.TryRemove(key, out _);
        return ValueTask.CompletedTask;
    }
}
