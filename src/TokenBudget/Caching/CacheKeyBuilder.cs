using System.Buffers;

namespace TokenBudget.Caching;

/// <summary>
/// Collects everything that can change an answer into a <see cref="CacheKey"/>. Every field is written as its name and a value that tells its kind and carries its own
/// length, so two different sequences of fields never give the same bytes; <see langword="null"/> differs from empty, and the order of fields matters.
/// </summary>
/// <remarks>
/// Not thread-safe. What cannot be written without loss (a callback that rewrites the request, a tool of unknown kind, an object that does not serialize)
/// makes the request not cacheable instead of giving a key that misses an input: see <see cref="NotCacheableReason"/>.
/// </remarks>
public sealed partial class CacheKeyBuilder : IDisposable
{
    // What the first and every further page starts with: "TBK3" and "TBN3". The number changes whenever the same fields would be written as other bytes, so that stored
    // answers of an older layout are never found.
    private const int FirstPage = 0x334B4254;
    private const int NextPage = 0x334E4254;

    private readonly KeyDigests? _digests;
    private byte[] _page = ArrayPool<byte>.Shared.Rent(PageSize);
    private int _used;
    private bool _isTurned;

    /// <summary>An empty builder.</summary>
    public CacheKeyBuilder()
        : this(null)
    {
    }

    /// <summary>An empty builder that hashes nothing twice.</summary>
    internal CacheKeyBuilder(KeyDigests? digests)
    {
        _digests = digests;
        Begin();
    }

    /// <summary>Why the request has no key; <see langword="null"/> while it has one.</summary>
    public string? NotCacheableReason { get; private set; }

    /// <summary>Adds a text.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The text; <see langword="null"/> differs from empty.</param>
    public void Add(string name, string? value)
    {
        WriteName(name);
        Write(value);
    }

    /// <summary>Adds a truth value.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value, or <see langword="null"/>.</param>
    public void Add(string name, bool? value)
    {
        WriteName(name);
        Write(value);
    }

    /// <summary>Adds an integer.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value, or <see langword="null"/>.</param>
    public void Add(string name, long? value)
    {
        WriteName(name);
        Write(value);
    }

    /// <summary>Adds a floating-point number, bit by bit. A <see cref="float"/> is widened exactly.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value, or <see langword="null"/>.</param>
    public void Add(string name, double? value)
    {
        WriteName(name);
        Write(value);
    }

    /// <summary>Adds raw bytes.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The bytes; any length.</param>
    public void AddBytes(string name, ReadOnlySpan<byte> value)
    {
        WriteName(name);
        Write(value);
    }

    /// <summary>Adds the partition and the method the answer belongs to. The first thing to add: two tenants never share a key.</summary>
    /// <param name="info">The entry.</param>
    public void Add(CacheEntryInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        Add(Field.Scope, info.Scope);
        Add(Field.Agent, info.Agent);
        Add(Field.Method, info.Method);
    }

    /// <summary>Ends the key and empties the builder, which can then be used for the next one.</summary>
    /// <param name="key">The key; <see langword="default"/> when there is none.</param>
    /// <returns>
    /// <see langword="false"/> when something was added that cannot be part of a key; <see cref="NotCacheableReason"/> said why before this call.
    /// </returns>
    public bool TryBuild(out CacheKey key)
    {
        ObjectDisposedException.ThrowIf(_page.Length == 0, this);
        var cacheable = NotCacheableReason is null;
        key = cacheable ? DigestOfPage() : default;
        NotCacheableReason = null;
        Wipe();
        Begin();
        return cacheable;
    }

    /// <summary>Ends the key and empties the builder, which can then be used for the next one.</summary>
    /// <exception cref="InvalidOperationException">Something was added that cannot be part of a key; the message says what.</exception>
    public CacheKey Build()
    {
        var reason = NotCacheableReason;
        return TryBuild(out var key) ? key : throw new InvalidOperationException($"The request has no cache key: {reason}");
    }

    /// <summary>Gives the buffer back. The builder cannot be used afterwards.</summary>
    public void Dispose()
    {
        if (_page.Length == 0)
            return;
        Wipe();
        ArrayPool<byte>.Shared.Return(_page);
        _page = [];
    }

    private void Refuse(string reason) => NotCacheableReason ??= reason;

    /// <summary>It held the text of prompts, and the pool hands it to anybody.</summary>
    private void Wipe()
    {
        _page.AsSpan(0, _isTurned ? PageSize : _used).Clear();
        _used = 0;
        _isTurned = false;
    }
}
