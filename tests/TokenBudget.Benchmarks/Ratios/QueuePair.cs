using System.Threading.RateLimiting;
using TokenBudget.RateLimiting;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>10,000 callers queue and are all let in by one event, from a new limiter to the last completed task, against the token bucket of the framework.</summary>
internal static class QueuePair
{
    private const int Callers = 10_000;

    public static RatioPair Create() => new("queue and drain 10,000", "token bucket", 1.2, Ours, Theirs);

    private static void Ours()
    {
        using var limiter = new TokenRateLimiter("bench", new RateLimits { TokensPerMinute = Callers, QueueLimit = Callers });
        var holder = limiter.TryReserve(new TokenDemand(Callers, 0))!.Value;
        var waiting = new ValueTask<RateReservation>[Callers];
        for (var caller = 0; caller < Callers; caller++)
            waiting[caller] = limiter.ReserveAsync(new TokenDemand(1, 0));
        if (waiting[0].IsCompleted)
            throw new InvalidOperationException("The first caller did not wait.");
        holder.Dispose();
        foreach (var caller in waiting)
            if (!caller.IsCompletedSuccessfully)
                throw new InvalidOperationException("Somebody still waits.");
    }

    private static void Theirs()
    {
        using var limiter = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = Callers,
            TokensPerPeriod = Callers,
            QueueLimit = Callers,
            ReplenishmentPeriod = TimeSpan.FromTicks(1),
            AutoReplenishment = false,
        });
        limiter.AttemptAcquire(Callers).Dispose();
        var waiting = new ValueTask<RateLimitLease>[Callers];
        for (var caller = 0; caller < Callers; caller++)
            waiting[caller] = limiter.AcquireAsync(1);
        if (waiting[0].IsCompleted)
            throw new InvalidOperationException("The first caller did not wait.");
        limiter.TryReplenish();
        foreach (var caller in waiting)
            if (!caller.IsCompletedSuccessfully)
                throw new InvalidOperationException("Somebody still waits.");
    }
}
