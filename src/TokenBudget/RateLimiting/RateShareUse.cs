namespace TokenBudget.RateLimiting;

/// <summary>How much of a limit a process would need at this instant, each as the share under which it fits.</summary>
/// <param name="Limit">The limit itself; the largest number where there is none.</param>
/// <param name="Taken">What is used and held.</param>
/// <param name="Wanted">With all who wait.</param>
/// <param name="Next">What the next of those who wait would take alone.</param>
internal readonly record struct RateShareUse(RateShare Limit, RateShare Taken, RateShare Wanted, RateShare Next);
