using System.Threading.RateLimiting;
using TokenBudget.RateLimiting;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>Reserve and settle over three dimensions, against a tenant's and a global token bucket in a chain.</summary>
internal static class LimiterPair
{
    public static RatioPair Create()
    {
        const int Plenty = int.MaxValue;
        var ours = new TokenRateLimiter("bench", new RateLimits { RequestsPerMinute = long.MaxValue / 2, InputTokensPerMinute = long.MaxValue / 2, TokensPerMinute = long.MaxValue / 2 });
        var theirs = PartitionedRateLimiter.CreateChained(Bucket("tenant"), Bucket("global"));
        return new RatioPair(
            "reserve and settle",
            "chained token buckets",
            0.5,
            () => ours.TryReserve(new TokenDemand(100, 10))!.Value.Settle(new TokenDemand(90, 5)),
            () => theirs.AttemptAcquire("a", 110).Dispose());

        static PartitionedRateLimiter<string> Bucket(string name) => PartitionedRateLimiter.Create<string, string>(tenant =>
            RateLimitPartition.GetTokenBucketLimiter(name + tenant, static _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Plenty,
                TokensPerPeriod = Plenty,
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(10),
                AutoReplenishment = true,
            }));
    }
}
