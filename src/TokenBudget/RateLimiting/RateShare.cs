using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>The part of a limit that this process may use of what it shares with others.</summary>
/// <param name="PerMinute">By lane, in the limit's unit.</param>
/// <param name="Slots">How many requests may be open.</param>
internal readonly record struct RateShare(Vector256<long> PerMinute, int Slots)
{
    public static RateShare None => new(Vector256<long>.Zero, 0);

    public static RateShare All => new(Vector256.Create(long.MaxValue), int.MaxValue);

    /// <summary>The amounts, the slots last.</summary>
    public long this[int index] => index < RateLane.Count ? PerMinute[index] : Slots;

    public static RateShare Of(ReadOnlySpan<long> amounts) => new(Vector256.Create(amounts), (int)Math.Min(int.MaxValue, amounts[RateLane.Count]));

    public static RateShare Max(in RateShare left, in RateShare right) => new(Vector256.Max(left.PerMinute, right.PerMinute), Math.Max(left.Slots, right.Slots));

    public static RateShare Min(in RateShare left, in RateShare right) => new(Vector256.Min(left.PerMinute, right.PerMinute), Math.Min(left.Slots, right.Slots));
}
