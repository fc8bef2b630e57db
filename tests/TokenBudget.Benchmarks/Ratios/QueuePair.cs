using System.Threading.RateLimiting;
using TokenBudget.RateLimiting;

namespace TokenBudget.Benchmarks.Ratios;

/// <summary>
/// 10,000 callers queue, are all let in by one event and take what they waited for, against the token bucket of the framework. Limiters live as long as their process, so both are used again.
/// </summary>
internal static class QueuePair
{
    private const int Callers = 10_000;

    public static RatioPair Create()
    {
        var ours = new OurWay();
        var theirs = new TheirWay();
        return new("queue and drain 10,000", "token bucket", 1.2, ours.Run, theirs.Run);
    }

    private sealed class OurWay
    {
        private readonly TokenRateLimiter _limiter = new("bench", new RateLimits { TokensPerMinute = Callers, QueueLimit = Callers });
        private readonly ValueTask<RateReservation>[] _waiting = new ValueTask<RateReservation>[Callers];

        public void Run()
        {
            var holder = _limiter.TryReserve(new TokenDemand(Callers, 0)) ?? throw new InvalidOperationException("The limit is in use.");
            for (var caller = 0; caller < Callers; caller++)
                _waiting[caller] = _limiter.ReserveAsync(new TokenDemand(1, 0));
            if (_waiting[0].IsCompleted)
                throw new InvalidOperationException("The first caller did not wait.");
            holder.Dispose();
            foreach (var caller in _waiting)
                (caller.IsCompletedSuccessfully ? caller.Result : throw new InvalidOperationException("Somebody still waits.")).Dispose();
        }
    }

    private sealed class TheirWay
    {
        private readonly ValueTask<RateLimitLease>[] _waiting = new ValueTask<RateLimitLease>[Callers];
        private readonly TokenBucketRateLimiter _limiter = new(new TokenBucketRateLimiterOptions
        {
            TokenLimit = Callers,
            TokensPerPeriod = Callers,
            QueueLimit = Callers,
            ReplenishmentPeriod = TimeSpan.FromTicks(1),
            AutoReplenishment = false,
        });

        public void Run()
        {
            _limiter.TryReplenish();
            _limiter.AttemptAcquire(Callers).Dispose();
            for (var caller = 0; caller < Callers; caller++)
                _waiting[caller] = _limiter.AcquireAsync(1);
            if (_waiting[0].IsCompleted)
                throw new InvalidOperationException("The first caller did not wait.");
            _limiter.TryReplenish();
            foreach (var caller in _waiting)
                (caller.IsCompletedSuccessfully ? caller.Result : throw new InvalidOperationException("Somebody still waits.")).Dispose();
        }
    }
}
