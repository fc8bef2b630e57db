using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>What a demand takes of a limit: some of it counts at once, the rest is held until it is known.</summary>
/// <param name="AtOnce">Counted from admission.</param>
/// <param name="Held">Held until settlement.</param>
/// <param name="Gap">What it may use beyond both.</param>
internal readonly record struct RateCharge(Vector256<long> AtOnce, Vector256<long> Held, Vector256<long> Gap)
{
    public Vector256<long> All => AtOnce + Held;

    /// <summary>With everything it may use.</summary>
    public Vector256<long> Most => All + Gap;
}
