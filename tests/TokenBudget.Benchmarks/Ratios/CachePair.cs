using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>Key and hit of the response cache, against serializing and hashing the same messages, which is only the key of the mainstream.</summary>
internal static class CachePair
{
    public static RatioPair Create(int messages)
    {
        var cache = new ResponseCache(new ResponseCacheOptions(), TimeProvider.System);
        var info = new CacheEntryInfo { Agent = "bench", Method = "Ask" };
        List<ChatMessage> request = [.. Enumerable.Range(0, messages).Select(static index => new ChatMessage(ChatRole.User, new string((char)('a' + (index % 26)), 600)))];
        var answer = new ChatResponse(new ChatMessage(ChatRole.Assistant, "Yes.")) { FinishReason = ChatFinishReason.Stop };
        return new RatioPair(
            string.Create(CultureInfo.InvariantCulture, $"cache hit, {messages} messages"),
            "JSON and SHA-384 of the request",
            1,
            () => Hit(),
            () => SHA384.HashData(JsonSerializer.SerializeToUtf8Bytes(request, AIJsonUtilities.DefaultOptions)));

        void Hit()
        {
            using var builder = new CacheKeyBuilder();
            builder.Add(info);
            builder.AddMessages(request);
            // The first call stores; every other one completes at once.
            var lookup = cache.GetOrCreateAsync(builder.Build(), info, _ => Task.FromResult(answer));
            if (!lookup.IsCompleted)
                lookup.AsTask().GetAwaiter().GetResult();
        }
    }
}
