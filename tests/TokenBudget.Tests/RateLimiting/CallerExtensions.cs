using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

internal static class CallerExtensions
{
    /// <summary>The caller that waits for this.</summary>
    public static Caller Caller(this ValueTask<RateReservation> wait) => new(wait);
}
