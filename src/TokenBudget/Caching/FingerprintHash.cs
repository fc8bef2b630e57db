using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace TokenBudget.Caching;

/// <summary>
/// A universal hash under a secret random key: of two different texts the chance to collide is at most 2⁻¹²⁸, whoever wrote them, because the key decides and nobody
/// sees it. Some twenty times as fast as SHA-256. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// CLNH (Lemire and Kaser, "Faster 64-bit universal hashing using carry-less multiplications", 2015): the sum, without carries, of the products (m₁ + k₁)(m₂ + k₂)
/// of each pair of 64-bit words. If m₁ differs between two texts of one length, at most one of the 2⁶⁴ values of k₂ makes their sums equal. Done twice, the second time with the
/// key shifted by one pair (Toeplitz): at the last pair that differs the second sum depends on a part of the key that the first never meets, so the chances multiply.
/// </remarks>
internal sealed class FingerprintHash
{
    /// <summary>The longest text; the key is as long.</summary>
    public const int MaxLength = 16 * 1024;

    private const int Pair = 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(MaxLength + Pair);

    /// <summary>Whether the processor multiplies without carries. Where it does not, there is nothing to win.</summary>
    public static bool IsSupported => Pclmulqdq.IsSupported || ArmAes.IsSupported;

    /// <summary>The fingerprint of at most <see cref="MaxLength"/> bytes.</summary>
    public Fingerprint Of(ReadOnlySpan<byte> bytes, DigestUse use)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxLength);
        var one = Vector128<ulong>.Zero;
        var two = Vector128<ulong>.Zero;
        ref var text = ref MemoryMarshal.GetReference(bytes);
        ref var key = ref MemoryMarshal.GetArrayDataReference(_key);
        nuint at = 0;
        var left = bytes.Length;
        if (Pclmulqdq.V512.IsSupported && left >= Vector512<byte>.Count)
            SumWide(ref text, ref key, ref at, ref left, ref one, ref two);
        for (; left >= Pair; left -= Pair, at += Pair)
            Add(Vector128.LoadUnsafe(ref text, at), ref key, at, ref one, ref two);

        if (left > 0)
        {
            // Zeros behind the end: the length counts too.
            Span<byte> last = stackalloc byte[Pair];
            last.Clear();
            bytes[(int)at..].CopyTo(last);
            Add(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(last)), ref key, at, ref one, ref two);
        }

        return new Fingerprint(Vector256.Create(one, two), bytes.Length, use);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector128<byte> words, ref byte key, nuint at, ref Vector128<ulong> one, ref Vector128<ulong> two)
    {
        one ^= Product((words ^ Vector128.LoadUnsafe(ref key, at)).AsUInt64());
        two ^= Product((words ^ Vector128.LoadUnsafe(ref key, at + Pair)).AsUInt64());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Product(Vector128<ulong> pair) =>
        Pclmulqdq.IsSupported ? Pclmulqdq.CarrylessMultiply(pair, pair, 0x10) : ArmAes.PolynomialMultiplyWideningLower(pair.GetLower(), pair.GetUpper());

    /// <summary>Four pairs at once, with the same sums.</summary>
    private static void SumWide(ref byte text, ref byte key, ref nuint at, ref int left, ref Vector128<ulong> one, ref Vector128<ulong> two)
    {
        var ones = Vector512<ulong>.Zero;
        var twos = Vector512<ulong>.Zero;
        for (; left >= Vector512<byte>.Count; left -= Vector512<byte>.Count, at += (nuint)Vector512<byte>.Count)
        {
            var words = Vector512.LoadUnsafe(ref text, at);
            var first = (words ^ Vector512.LoadUnsafe(ref key, at)).AsUInt64();
            var second = (words ^ Vector512.LoadUnsafe(ref key, at + Pair)).AsUInt64();
            ones ^= Pclmulqdq.V512.CarrylessMultiply(first, first, 0x10);
            twos ^= Pclmulqdq.V512.CarrylessMultiply(second, second, 0x10);
        }

        one = Sum(ones);
        two = Sum(twos);
    }

    private static Vector128<ulong> Sum(Vector512<ulong> lanes)
    {
        var halves = lanes.GetLower() ^ lanes.GetUpper();
        return halves.GetLower() ^ halves.GetUpper();
    }
}
