using System.Runtime.Intrinsics;

namespace TokenBudget.Caching;

/// <summary>What bytes are recognised by inside one process: two keyed sums, and exactly how many bytes they are of and what for. The default value is of none.</summary>
internal readonly struct Fingerprint(Vector128<ulong> one, Vector128<ulong> two, int length, DigestUse use)
{
    private readonly Vector128<ulong> _one = one;
    private readonly Vector128<ulong> _two = two;
    private readonly ulong _of = ((ulong)use << 32) | (uint)length;

    public bool IsNone => _of == 0;

    // Bits from the middle: every one of them is the sum of dozens of products.
    public uint Slot => (uint)(_one.ToScalar() >> 32);

    public bool Equals(in Fingerprint other) => _of == other._of && ((_one ^ other._one) | (_two ^ other._two)) == Vector128<ulong>.Zero;
}
