using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace TokenBudget.Tests.Caching;

/// <summary>A distributed cache that lies in a dictionary, forgets nothing, and can be told to fail, to block or to wait.</summary>
internal sealed class SharedStore : IDistributedCache
{
    public ConcurrentDictionary<string, byte[]> Entries { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, DistributedCacheEntryOptions> Options { get; } = new(StringComparer.Ordinal);

    /// <summary>Run in front of every operation.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = static _ => Task.CompletedTask;

    public int Operations;

    /// <summary>The one answer in it.</summary>
    public KeyValuePair<string, byte[]> Answer => Answers.Single();

    public IEnumerable<KeyValuePair<string, byte[]>> Answers => Entries.Where(static entry => !entry.Key.Contains("generation", StringComparison.Ordinal));

    public byte[]? Get(string key) => throw new NotSupportedException();

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        Interlocked.Increment(ref Operations);
        await Before(token);
        return Entries.GetValueOrDefault(key);
    }

    public void Refresh(string key) => throw new NotSupportedException();

    public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

    public void Remove(string key) => throw new NotSupportedException();

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        Interlocked.Increment(ref Operations);
        await Before(token);
        Entries.TryRemove(key, out _);
    }

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        Interlocked.Increment(ref Operations);
        await Before(token);
        Entries[key] = value;
        Options[key] = options;
    }
}
