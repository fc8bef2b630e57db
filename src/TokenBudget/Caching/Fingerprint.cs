using System.Runtime.Intrinsics;

namespace TokenBudget.Caching;

/// <summary>What bytes are recognised by inside one process: two keyed sums, and exactly how many bytes they are of and what for.</summary>
internal readonly struct Fingerprint(Vector256<ulong> sums, int length, DigestUse use) : IEquatable<Fingerprint>
{
    private readonly Vector256<ulong> _sums = sums;
    private readonly int _length = length;
    private readonly DigestUse _use = use;

    // Bits from the middle: every one of them is the sum of dozens of products.
    public uint Slot => (uint)(_sums.ToScalar() >> 32);

    public bool Equals(Fingerprint other) => _sums == other._sums && _length == other._length && _use == other._use;

    public override bool Equals(object? obj) => obj is Fingerprint other && Equals(other);

    public override int GetHashCode() => (int)Slot;
}
