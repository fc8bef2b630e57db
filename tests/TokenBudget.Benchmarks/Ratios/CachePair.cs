using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Memory;
using TokenBudget.Caching;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>
/// The response cache, with options and two tools in the key and messages of 600 characters, against serializing and hashing the same messages, which is only the key of the mainstream.
/// </summary>
internal static class CachePair
{
    private const string JsonKey = "JSON and SHA-384 of the request";

    private static readonly CacheEntryInfo Info = new() { Agent = "bench", Method = "Ask" };
    private static readonly ChatResponse Answer = new(new ChatMessage(ChatRole.Assistant, "Yes.")) { FinishReason = ChatFinishReason.Stop };

    // The goals are what 20, 2, 0.2, 120 and 18 µs are of the peer's 3, 18 and 225 µs, on the machine where both were measured. The longest first, so that the shortest runs warm code.
    public static IEnumerable<RatioPair> All() =>
    [
        Hit(200, 0.09), ToolHit(200, 0.09), Hit(20, 0.11), Hit(1, 0.067), NewKey(200, 0.53), GrownKey(200, 0.08), Streamed(32), Lookup(),
    ];

    private static RatioPair Hit(int messages, double goal) => Hit(Name("cache hit", messages), Texts(messages), goal);

    private static RatioPair ToolHit(int messages, double goal) => Hit(Name("cache hit, half of them tool calls and results", messages), Calls(messages), goal);

    private static RatioPair Hit(string name, List<ChatMessage> request, double goal)
    {
        var cache = new ResponseCache(new ResponseCacheOptions(), TimeProvider.System);
        var digests = new KeyDigests();
        var options = Options();
        return new RatioPair(name, JsonKey, goal, () => Ask(cache, Key(request, options, digests)), () => Peer(request));
    }

    /// <summary>The key of messages that were never seen.</summary>
    private static RatioPair NewKey(int messages, double goal)
    {
        var digests = new KeyDigests();
        var request = Texts(messages);
        var options = Options();
        var number = 0L;
        return new RatioPair(Name("cache key, all new", messages), JsonKey, goal, () => Key(request, options, digests, before: ++number), () => Peer(request));
    }

    /// <summary>The key of a conversation whose last message alone is new.</summary>
    private static RatioPair GrownKey(int messages, double goal)
    {
        var digests = new KeyDigests();
        var request = Texts(messages);
        var options = Options();
        var number = 0L;
        return new RatioPair(Name("cache key, the last message new", messages), JsonKey, goal, Grown, () => Peer(request));

        void Grown()
        {
            request[^1] = new ChatMessage(ChatRole.User, (++number).ToString("D600", CultureInfo.InvariantCulture));
            Key(request, options, digests);
        }
    }

    /// <summary>An answer of so many updates, read from the cache as a stream and at once.</summary>
    private static RatioPair Streamed(int updates)
    {
        var cache = new ResponseCache(new ResponseCacheOptions(), TimeProvider.System);
        var key = Key(Texts(1), Options(), digests: null);
        cache.TryStore(key, Info, Enumerable.Range(0, updates).Select(index => new ChatResponseUpdate(ChatRole.Assistant, string.Create(CultureInfo.InvariantCulture, $"word {index} "))
        {
            FinishReason = index == updates - 1 ? ChatFinishReason.Stop : null,
        }).ToChatResponse());
        return new RatioPair(Name("cache hit as a stream, updates", updates), "the same hit as a whole", 20, () => Drain(cache, key), () => Ask(cache, key));
    }

    /// <summary>The store alone.</summary>
    private static RatioPair Lookup()
    {
        var cache = new ResponseCache(new ResponseCacheOptions(), TimeProvider.System);
        var keys = Enumerable.Range(0, 1000).Select(index => Key(Texts(1), Options(), digests: null, before: index)).ToArray();
        var peer = new MemoryCache(new MemoryCacheOptions());
        var peers = keys.Select(static key => key.ToString()).ToArray();
        for (var i = 0; i < keys.Length; i++)
        {
            cache.TryStore(keys[i], Info, Answer);
            peer.Set(peers[i], Answer);
        }

        var next = 0;
        var peerNext = 0;
        return new RatioPair(
            "cache, found under its key and copied",
            "MemoryCache.TryGetValue, which hands out the same object",
            4,
            () => Ask(cache, keys[next++ % keys.Length]),
            () => peer.TryGetValue(peers[peerNext++ % peers.Length], out ChatResponse? _));
    }

    private static void Ask(ResponseCache cache, CacheKey key)
    {
        // The first call stores; every other one completes at once.
        var lookup = cache.GetOrCreateAsync(key, Info, static _ => Task.FromResult(Answer));
        if (!lookup.IsCompleted)
            lookup.AsTask().GetAwaiter().GetResult();
    }

    private static void Drain(ResponseCache cache, CacheKey key)
    {
        var updates = cache.GetOrCreateStreamAsync(key, Info, static _ => throw new InvalidOperationException("It is not in the cache.")).GetAsyncEnumerator();
        while (updates.MoveNextAsync().Result)
            _ = updates.Current;
        updates.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static string Name(string what, int count) => string.Create(CultureInfo.InvariantCulture, $"{what}, {count}");

    private static List<ChatMessage> Texts(int messages) => [.. Enumerable.Range(0, messages).Select(static index => new ChatMessage(ChatRole.User, Text(index)))];

    /// <summary>Turns of question, call, result and answer.</summary>
    private static List<ChatMessage> Calls(int messages) =>
    [
        .. Enumerable.Range(0, messages).Select(static index => (index % 4) switch
        {
            0 => new ChatMessage(ChatRole.User, Text(index)),
            1 => new ChatMessage(ChatRole.Assistant, [new FunctionCallContent($"call {index}", "weather", new Dictionary<string, object?>
            {
                ["city"] = JsonSerializer.SerializeToElement("Paris"), ["days"] = JsonSerializer.SerializeToElement(index),
            })]),
            2 => new ChatMessage(ChatRole.Tool, [new FunctionResultContent($"call {index}", Text(index))]),
            _ => new ChatMessage(ChatRole.Assistant, Text(index)),
        }),
    ];

    private static string Text(int index) => new((char)('a' + (index % 26)), 600);

    private static ChatOptions Options() => new()
    {
        ModelId = "model", MaxOutputTokens = 500, Temperature = 0,
        Tools =
        [
            AIFunctionFactory.Create(static (string city, int days) => city + days, "weather", "The weather of a city for some days."),
            AIFunctionFactory.Create(static (string query) => query, "search", "Searches the web."),
        ],
    };

    private static CacheKey Key(List<ChatMessage> request, ChatOptions options, KeyDigests? digests, long? before = null)
    {
        using var builder = new CacheKeyBuilder(digests);
        builder.Add("before", before);
        builder.Add(Info);
        builder.TryAddOptions(options);
        builder.AddMessages(request);
        return builder.Build();
    }

    private static byte[] Peer(List<ChatMessage> request) => SHA384.HashData(JsonSerializer.SerializeToUtf8Bytes(request, AIJsonUtilities.DefaultOptions));
}
