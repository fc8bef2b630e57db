using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TokenBudget.Costs;

/// <summary>Ids of requests, as sure to be unique as random ones: 64 random bits, drawn anew every second, and a number that starts at random and rises.</summary>
/// <remarks>
/// A random id for each request would ask the operating system each time, which costs more than to hold the request's dollars. Drawn anew, because platforms start many processes from one image of memory: all
/// of them go on with the same number, but none of them in the second in which the image was made. Thread-safe.
/// </remarks>
internal sealed class RequestIds
{
    private ulong _last = Random64();
    private ulong _maker;
    private long _drawn = -1;

    /// <summary>An id nobody had.</summary>
    /// <param name="now">The time.</param>
    public Guid Next(DateTimeOffset now)
    {
        var second = now.UtcTicks / TimeSpan.TicksPerSecond;
        if (Volatile.Read(ref _drawn) != second)
        {
            // In this order: who sees the second sees bits that are as new.
            Volatile.Write(ref _maker, Random64());
            Volatile.Write(ref _drawn, second);
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Interlocked.Increment(ref _last));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Volatile.Read(ref _maker));
        return new Guid(bytes, bigEndian: true);
    }

    private static ulong Random64()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
