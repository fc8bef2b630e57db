using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TokenBudget.Caching;

/// <summary>
/// An answer as it lies in the second level, with what it takes to distrust it: the full key and scope, when it was stored and for how long, the generations it belongs to, and a
/// digest of it all. Other processes, other versions and failing disks write there too.
/// </summary>
/// <param name="Age">How long ago it was stored.</param>
/// <param name="Ttl">How long it serves.</param>
/// <param name="Json">The answer.</param>
internal readonly record struct SecondLevelPayload(TimeSpan Age, TimeSpan Ttl, byte[] Json)
{
    // Changes with the layout: what another version wrote is a miss.
    private const uint Magic = 0x31524254; // "TBR1"

    private const int HeadSize = sizeof(uint) + CacheKey.Size + (2 * sizeof(long)) + CacheGenerations.Size + (2 * sizeof(int));

    /// <summary>Writes a payload.</summary>
    public static byte[] Write(EntryKey key, in CacheGenerations generations, DateTimeOffset now, TimeSpan ttl, byte[] json)
    {
        var scope = key.Scope is null ? -1 : Encoding.UTF8.GetByteCount(key.Scope);
        var bytes = new byte[HeadSize + Math.Max(0, scope) + json.Length + SHA256.HashSizeInBytes];
        var rest = bytes.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(rest, Magic);
        key.Key.CopyTo(rest[4..]);
        rest = rest[(4 + CacheKey.Size)..];
        BinaryPrimitives.WriteInt64LittleEndian(rest, now.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(rest[8..], ttl.Ticks);
        generations.CopyTo(rest[16..]);
        rest = rest[(16 + CacheGenerations.Size)..];
        BinaryPrimitives.WriteInt32LittleEndian(rest, scope);
        BinaryPrimitives.WriteInt32LittleEndian(rest[4..], json.Length);
        rest = rest[8..];
        if (key.Scope is not null)
            rest = rest[Encoding.UTF8.GetBytes(key.Scope, rest)..];
        json.CopyTo(rest);
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes), rest[json.Length..]);
        return bytes;
    }

    /// <summary>Reads a payload; <see langword="null"/> for one that is damaged, another layout's, another key's or of a generation that was cleared.</summary>
    public static SecondLevelPayload? TryRead(byte[] bytes, EntryKey key, in CacheGenerations generations, DateTimeOffset now)
    {
        if (bytes.Length < HeadSize + SHA256.HashSizeInBytes)
            return null;
        var body = bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, digest);
        if (!digest.SequenceEqual(bytes.AsSpan(body.Length)))
            return null;

        // From here on the bytes are as somebody wrote them; the question is whether they are what is looked for.
        ReadOnlySpan<byte> rest = body;
        if (BinaryPrimitives.ReadUInt32LittleEndian(rest) != Magic || new CacheKey(rest.Slice(4, CacheKey.Size)) != key.Key)
            return null;
        rest = rest[(4 + CacheKey.Size)..];
        var age = now.UtcTicks - BinaryPrimitives.ReadInt64LittleEndian(rest);
        var ttl = BinaryPrimitives.ReadInt64LittleEndian(rest[8..]);
        if (!generations.Equals(rest.Slice(16, CacheGenerations.Size)))
            return null;
        rest = rest[(16 + CacheGenerations.Size)..];
        var scope = BinaryPrimitives.ReadInt32LittleEndian(rest);
        var json = BinaryPrimitives.ReadInt32LittleEndian(rest[4..]);
        rest = rest[8..];
        if (ttl <= 0 || json < 0 || rest.Length != (long)Math.Max(0, scope) + json)
            return null;
        if (scope < 0 ? key.Scope is not null : key.Scope is null || Encoding.UTF8.GetString(rest[..scope]) != key.Scope)
            return null;
        // A writer whose clock is ahead must not have made the answer in the future.
        return new SecondLevelPayload(new TimeSpan(Math.Max(0, age)), new TimeSpan(ttl), rest[Math.Max(0, scope)..].ToArray());
    }
}
