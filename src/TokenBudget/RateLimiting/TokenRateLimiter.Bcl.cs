using System.Threading.RateLimiting;

namespace TokenBudget.RateLimiting;

/// <content>The face of System.Threading.RateLimiting.</content>
public sealed partial class TokenRateLimiter
{
    /// <inheritdoc/>
    public override TimeSpan? IdleDuration => null;

    /// <inheritdoc/>
    public override RateLimiterStatistics GetStatistics()
    {
        lock (_gate)
        {
            AdvanceToNow();
            return new RateLimiterStatistics
            {
                CurrentAvailablePermits = Math.Max(0, _account.Capacity(RateLane.Total) - _account.Taken[RateLane.Total]),
                CurrentQueuedCount = _queue.Wanted[RateLane.Total],
                TotalSuccessfulLeases = _admitted,
                TotalFailedLeases = _refused,
            };
        }
    }

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        var reservation = TryReserve(DemandOf(permitCount));
        Use(reservation, permitCount);
        if (reservation is null)
            CountRefusal();
        return new Lease(reservation is not null);
    }

    /// <inheritdoc/>
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        try
        {
            Use(await ReserveAsync(DemandOf(permitCount), cancellationToken).ConfigureAwait(false), permitCount);
            return new Lease(acquired: true);
        }
        catch (RateLimitExceededException)
        {
            return new Lease(acquired: false);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Ticket[] waiters;
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            waiters = [.. _queue.All()];
            foreach (var waiter in waiters)
                _queue.Remove(waiter);
            _timer.Dispose();
        }

        foreach (var waiter in waiters)
            waiter.Fail(new ObjectDisposedException(nameof(TokenRateLimiter)));
    }

    // To ask for no permit is to ask whether there is any: one is looked for, and given back.
    private static TokenDemand DemandOf(int permitCount) => new(Math.Max(1, permitCount), 0);

    private static void Use(RateReservation? reservation, int permitCount)
    {
        if (permitCount == 0)
            reservation?.Dispose();
        else
            reservation?.Settle(reservation.Value.Reserved);
    }

    private void CountRefusal()
    {
        lock (_gate)
            _refused++;
    }

    private sealed class Lease(bool acquired) : RateLimitLease
    {
        public override bool IsAcquired => acquired;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
