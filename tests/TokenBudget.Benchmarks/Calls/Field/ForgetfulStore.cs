using Microsoft.Extensions.Caching.Distributed;

namespace TokenBudget.Benchmarks.Calls.Field;

/// <summary>Keeps nothing, so that every call is a miss: what a store costs is measured elsewhere.</summary>
internal sealed class ForgetfulStore : IDistributedCache
{
    private static readonly Task<byte[]?> Nothing = Task.FromResult<byte[]?>(null);

    public byte[]? Get(string key) => null;

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Nothing;

    public void Refresh(string key)
    {
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public void Remove(string key)
    {
    }

    public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
    }

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.CompletedTask;
}
