using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TokenBudget.Costs;

/// <summary>Ids of requests, as sure to be unique as random ones: 64 random bits of their maker and a number that starts at random and rises.</summary>
/// <remarks>
/// A random id for each request would ask the operating system each time, which costs more than to hold the request's dollars. Only for lines that stay in this process: where a platform starts
/// many processes from one image of memory, all of them would go on with the same numbers. Thread-safe.
/// </remarks>
internal sealed class RequestIds
{
    private readonly ulong _maker = Random64();
    private ulong _last = Random64();

    /// <summary>An id nobody had.</summary>
    public Guid Next()
    {
        var number = Interlocked.Increment(ref _last);
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _maker);
        return new Guid(bytes, bigEndian: true);
    }

    private static ulong Random64()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
