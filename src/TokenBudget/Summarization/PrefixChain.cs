using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.Summarization;

/// <summary>
/// What the beginnings of a history are known by: the key of n messages is the SHA-256 hash of the key of n − 1 messages and of what the n-th one
/// says. So two histories have a key in common exactly where they begin alike, and a longer one has all keys of a shorter one.
/// </summary>
internal sealed class PrefixChain
{
    private readonly List<CacheKey> _keys;

    /// <param name="agent">Whose history it is.</param>
    /// <param name="tenant">A hard partition: tenants never share a key.</param>
    /// <param name="messages">The messages; only read. The chain ends in front of one that cannot be written without loss.</param>
    public PrefixChain(string agent, string? tenant, IReadOnlyCollection<ChatMessage> messages)
    {
        _keys = new List<CacheKey>(messages.Count);
        using var builder = new CacheKeyBuilder();
        builder.Add("agent", agent);
        builder.Add("tenant", tenant);
        var key = builder.Build();
        Span<byte> bytes = stackalloc byte[CacheKey.Size];
        foreach (var message in messages)
        {
            key.CopyTo(bytes);
            builder.AddBytes("before", bytes);
            builder.Add(message);
            if (!builder.TryBuild(out key))
                break;
            _keys.Add(key);
        }
    }

    /// <summary>The key of the first so many messages; none where the chain has ended.</summary>
    public CacheKey? KeyOf(long count) => count > 0 && count <= _keys.Count ? _keys[(int)count - 1] : null;
}
