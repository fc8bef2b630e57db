using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Unicode;

namespace TokenBudget.Caching;

/// <summary>
/// Collects everything that can change an answer into a <see cref="CacheKey"/>. Every field is written as a kind, its name and a value that carries its own
/// length, so two different sequences of fields never give the same bytes; <see langword="null"/> differs from empty, and the order of fields matters.
/// </summary>
/// <remarks>
/// Not thread-safe. What cannot be written without loss (a callback that rewrites the request, a tool of unknown kind, an object that does not serialize)
/// makes the request not cacheable instead of giving a key that misses an input: see <see cref="NotCacheableReason"/>.
/// </remarks>
public sealed partial class CacheKeyBuilder : IDisposable
{
    /// <summary>Changes whenever the same fields would be written as other bytes, so that stored answers of an older layout are never found.</summary>
    private const string Version = "tb2";

    private const int BufferSize = 4096;

    /// <summary>From this length on the digest of a text stands for it: below, looking one up takes as long as hashing the text.</summary>
    private const int LongText = 192;

    /// <summary>The same for bytes, whose digests are not remembered.</summary>
    private const int LongBytes = 4096;

    private readonly TextDigests? _digests;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _used;

    /// <summary>An empty builder.</summary>
    public CacheKeyBuilder()
        : this(null)
    {
    }

    /// <summary>An empty builder that hashes no long string twice.</summary>
    internal CacheKeyBuilder(TextDigests? digests)
    {
        _digests = digests;
        WriteText(Version);
    }

    /// <summary>What each field starts with.</summary>
    private enum Kind : byte
    {
        Null = 1,
        Text,
        Bool,
        Integer,
        Real,
        Bytes,
        Open,
        Close,
        JsonNull,
        JsonFalse,
        JsonTrue,
        JsonNumber,
        JsonText,
        JsonArray,
        JsonObject,
        JsonProperty,
        Undefined,
        LongText,
        LongBytes,
    }

    /// <summary>Why the request has no key; <see langword="null"/> while it has one.</summary>
    public string? NotCacheableReason { get; private set; }

    /// <summary>Adds a text.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The text; <see langword="null"/> differs from empty.</param>
    public void Add(string name, string? value)
    {
        if (value is null)
        {
            WriteHeader(Kind.Null, name);
            return;
        }

        if (value.Length < LongText)
        {
            WriteHeader(Kind.Text, name);
            WriteText(value);
            return;
        }

        WriteHeader(Kind.LongText, name);
        WriteInt32(value.Length);
        (_digests?.Of(value) ?? TextDigests.Compute(value)).CopyTo(Take(CacheKey.Size));
    }

    /// <summary>Adds a truth value.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value, or <see langword="null"/>.</param>
    public void Add(string name, bool? value)
    {
        WriteHeader(value is null ? Kind.Null : Kind.Bool, name);
        if (value is { } known)
            WriteByte(known ? (byte)1 : (byte)0);
    }

    /// <summary>Adds an integer.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value, or <see langword="null"/>.</param>
    public void Add(string name, long? value)
    {
        WriteHeader(value is null ? Kind.Null : Kind.Integer, name);
        if (value is { } known)
            WriteInt64(known);
    }

    /// <summary>Adds a floating-point number, bit by bit. A <see cref="float"/> is widened exactly.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value, or <see langword="null"/>.</param>
    public void Add(string name, double? value)
    {
        WriteHeader(value is null ? Kind.Null : Kind.Real, name);
        if (value is { } known)
            WriteInt64(BitConverter.DoubleToInt64Bits(known));
    }

    /// <summary>Adds raw bytes.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The bytes; any length.</param>
    public void AddBytes(string name, ReadOnlySpan<byte> value)
    {
        var isLong = value.Length >= LongBytes;
        WriteHeader(isLong ? Kind.LongBytes : Kind.Bytes, name);
        WriteInt32(value.Length);
        if (isLong)
            SHA256.HashData(value, Take(SHA256.HashSizeInBytes));
        else
            value.CopyTo(Take(value.Length));
    }

    /// <summary>Adds the partition and the method the answer belongs to. The first thing to add: two tenants never share a key.</summary>
    /// <param name="info">The entry.</param>
    public void Add(CacheEntryInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        Add("scope", info.Scope);
        Add("agent", info.Agent);
        Add("method", info.Method);
    }

    /// <summary>Ends the key and empties the builder, which can then be used for the next one.</summary>
    /// <param name="key">The key; <see langword="default"/> when there is none.</param>
    /// <returns>
    /// <see langword="false"/> when something was added that cannot be part of a key; <see cref="NotCacheableReason"/> said why before this call.
    /// </returns>
    public bool TryBuild(out CacheKey key)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        Span<byte> bytes = stackalloc byte[CacheKey.Size];
        SHA256.HashData(_buffer.AsSpan(0, _used), bytes);
        _buffer.AsSpan(0, _used).Clear();
        _used = 0;
        var cacheable = NotCacheableReason is null;
        key = cacheable ? new CacheKey(bytes) : default;
        NotCacheableReason = null;
        WriteText(Version);
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
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
            GiveBack(buffer, _used);
    }

    private void Refuse(string reason) => NotCacheableReason ??= reason;

    private void Open(string name) => WriteHeader(Kind.Open, name);

    private void Close() => WriteByte((byte)Kind.Close);

    private void WriteHeader(Kind kind, string name)
    {
        WriteByte((byte)kind);
        WriteText(name);
    }

    /// <summary>
    /// Writes the number of UTF-16 units, then the text as UTF-8. A lone surrogate, which UTF-8 would replace and so confuse with others, is written raw.
    /// </summary>
    private void WriteText(ReadOnlySpan<char> text)
    {
        WriteInt32(text.Length);
        Reserve(text.Length * 3);
        while (!text.IsEmpty)
        {
            var status = Utf8.FromUtf16(text, _buffer.AsSpan(_used), out var read, out var written, replaceInvalidSequences: false);
            _used += written;
            text = text[read..];
            if (status == OperationStatus.Done)
                break;
            // 0xFF never occurs in UTF-8.
            WriteByte(0xFF);
            WriteByte((byte)(text[0] >> 8));
            WriteByte((byte)text[0]);
            text = text[1..];
        }
    }

    private void WriteByte(byte value) => Take(1)[0] = value;

    private void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), value);

    private void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), value);

    /// <summary>The next bytes, to be written.</summary>
    private Span<byte> Take(int count)
    {
        Reserve(count);
        var bytes = _buffer.AsSpan(_used, count);
        _used += count;
        return bytes;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - _used < count)
            Grow(count);
    }

    private void Grow(int count)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_used + count, _buffer.Length * 2));
        _buffer.AsSpan(0, _used).CopyTo(larger);
        GiveBack(_buffer, _used);
        _buffer = larger;
    }

    /// <summary>It held the text of prompts, and the pool hands it to anybody.</summary>
    private static void GiveBack(byte[] buffer, int used)
    {
        buffer.AsSpan(0, used).Clear();
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
