using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Hybrid;
using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

/// <summary>The response cache on a HybridCache, or on FusionCache by its <c>AsHybridCache()</c>. Equal streams at the same time are each sent.</summary>
public sealed class HybridResponseCache(HybridCache cache) : IResponseCache
{
    private static readonly HybridCacheEntryOptions Look = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData };

    private long _hits;
    private long _misses;
    private long _shared;

    public async ValueTask<CacheResult> GetOrCreateAsync(
        CacheKey key, CacheEntryInfo info, Func<CancellationToken, Task<ChatResponse>> create, CancellationToken cancellationToken = default)
    {
        if (await TryGetAsync(key, info, cancellationToken) is { } found)
            return new CacheResult(found, CacheOutcome.Hit);

        ChatResponse? made = null;
        var payload = await cache.GetOrCreateAsync(
            NameOf(key, info),
            async token =>
            {
                made = await create(token);
                // Nothing, for an answer that must not be kept: cut off, filtered, empty.
                return CompleteAnswer.Is(made, info.StoreToolCalls) ? ResponsePayload.TryWrite(made) ?? [] : [];
            },
            OptionsOf(info),
            TagsOf(info),
            cancellationToken);
        if (payload.Length == 0)
            await cache.RemoveAsync(NameOf(key, info), cancellationToken);
        if (made is null && ResponsePayload.TryRead(payload) is { } shared)
        {
            Interlocked.Increment(ref _shared);
            return new CacheResult(shared, CacheOutcome.Shared);
        }

        Interlocked.Increment(ref _misses);
        return new CacheResult(made ?? await create(cancellationToken), CacheOutcome.Miss);
    }

    public async ValueTask<ChatResponse?> TryGetAsync(CacheKey key, CacheEntryInfo info, CancellationToken cancellationToken = default)
    {
        var payload = await cache.GetOrCreateAsync(NameOf(key, info), static _ => ValueTask.FromResult<byte[]?>(null), Look, cancellationToken: cancellationToken);
        var response = payload is null ? null : ResponsePayload.TryRead(payload);
        if (response is not null)
            Interlocked.Increment(ref _hits);
        return response;
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetOrCreateStreamAsync(
        CacheKey key,
        CacheEntryInfo info,
        Func<CancellationToken, IAsyncEnumerable<ChatResponseUpdate>> create,
        Action<CacheOutcome>? onOutcome = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var found = await TryGetAsync(key, info, cancellationToken);
        onOutcome?.Invoke(found is null ? CacheOutcome.Miss : CacheOutcome.Hit);
        if (found is not null)
        {
            foreach (var update in found.ToChatResponseUpdates())
                yield return update;
            yield break;
        }

        Interlocked.Increment(ref _misses);
        var all = new List<ChatResponseUpdate>();
        await foreach (var update in create(cancellationToken).WithCancellation(cancellationToken))
        {
            all.Add(update.Clone());
            yield return update;
        }

        if (PayloadOf(all.ToChatResponse(), info) is { } payload)
            await cache.SetAsync(NameOf(key, info), payload, OptionsOf(info), TagsOf(info), cancellationToken);
    }

    public bool TryStore(CacheKey key, CacheEntryInfo info, ChatResponse response)
    {
        if (PayloadOf(response, info) is not { } payload)
            return false;
        cache.SetAsync(NameOf(key, info), payload, OptionsOf(info), TagsOf(info)).AsTask().GetAwaiter().GetResult();
        return true;
    }

    public ResponseCacheStatistics GetStatistics() =>
        new() { Hits = Interlocked.Read(ref _hits), Misses = Interlocked.Read(ref _misses), Shared = Interlocked.Read(ref _shared) };

    public ValueTask<int> ClearAsync(CancellationToken cancellationToken = default) => ClearAsync("tokenbudget", cancellationToken);

    public ValueTask<int> ClearAgentAsync(string agent, CancellationToken cancellationToken = default) => ClearAsync($"agent:{agent}", cancellationToken);

    public ValueTask<int> ClearMethodAsync(string agent, string method, CancellationToken cancellationToken = default) => ClearAsync($"method:{agent}.{method}", cancellationToken);

    public ValueTask<int> ClearScopeAsync(string scope, CancellationToken cancellationToken = default) => ClearAsync($"scope:{scope}", cancellationToken);

    /// <returns>0: nobody counts what a tag takes away.</returns>
    private async ValueTask<int> ClearAsync(string tag, CancellationToken cancellationToken)
    {
        await cache.RemoveByTagAsync(tag, cancellationToken);
        return 0;
    }

    // The scope stands in the name besides being in the key: a hard partition, whoever wrote the key.
    private static string NameOf(CacheKey key, CacheEntryInfo info) => info.Scope is null ? $"tokenbudget:{key}" : $"tokenbudget:{key}:{info.Scope}";

    private static string[] TagsOf(CacheEntryInfo info) =>
        ["tokenbudget", $"agent:{info.Agent}", $"method:{info.Agent}.{info.Method}", .. info.Scope is null ? Array.Empty<string>() : [$"scope:{info.Scope}"]];

    private static HybridCacheEntryOptions OptionsOf(CacheEntryInfo info) => new() { Expiration = info.Ttl };

    private static byte[]? PayloadOf(ChatResponse response, CacheEntryInfo info) =>
        CompleteAnswer.Is(response, info.StoreToolCalls) ? ResponsePayload.TryWrite(response) : null;
}
