using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using TokenBudget.Caching;

namespace TokenBudget.Tests.Caching;

/// <summary>What the tests of the cache share.</summary>
internal static class CacheSample
{
    public static readonly CacheEntryInfo Info = new() { Agent = "agent", Method = "method" };

    public static CacheKey Key(string text = "x")
    {
        using var builder = new CacheKeyBuilder();
        builder.Add("text", text);
        return builder.Build();
    }

    public static ResponseCache Cache(TimeProvider? time = null, long maxBytes = 1 << 20, IDistributedCache? secondLevel = null) =>
        new(new ResponseCacheOptions { MaxBytes = maxBytes, TtlJitter = 0 }, time ?? new VirtualTimeProvider(), secondLevel);

    public static ChatResponse Answer(string text = "answer", ChatFinishReason? reason = null) =>
        new(new ChatMessage(ChatRole.Assistant, text))
        {
            FinishReason = reason ?? ChatFinishReason.Stop, ModelId = "m", Usage = new UsageDetails { InputTokenCount = 3, OutputTokenCount = 2 },
        };

    public static ValueTask<CacheResult> GetAsync(this ResponseCache cache, string key = "x", string answer = "answer", CacheEntryInfo? info = null) =>
        cache.GetOrCreateAsync(Key(key), info ?? Info, _ => Task.FromResult(Answer(answer)));

    public static ChatResponseUpdate Update(string text) => new(ChatRole.Assistant, text) { MessageId = "m1", ResponseId = "r1" };

    public static ChatResponseUpdate End(ChatFinishReason? reason = null) => new() { FinishReason = reason ?? ChatFinishReason.Stop, MessageId = "m1", ResponseId = "r1" };

    public static async IAsyncEnumerable<ChatResponseUpdate> Stream(params ChatResponseUpdate[] updates)
    {
        foreach (var update in updates)
        {
            await Task.Yield();
            yield return update;
        }
    }

    /// <summary>A stream that waits for a permit before each update, ends by itself after the last, and tells that it was disposed.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> Gated(
        SemaphoreSlim permits, TaskCompletionSource disposed, ChatResponseUpdate[] updates, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            foreach (var update in updates)
            {
                await permits.WaitAsync(cancellationToken);
                yield return update;
            }
        }
        finally
        {
            disposed.TrySetResult();
        }
    }

    public static async Task<List<ChatResponseUpdate>> ToListAsync(this IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        var list = new List<ChatResponseUpdate>();
        await foreach (var update in updates)
            list.Add(update);
        return list;
    }

    public static string Text(this IEnumerable<ChatResponseUpdate> updates) => string.Concat(updates.Select(update => update.Text));
}
