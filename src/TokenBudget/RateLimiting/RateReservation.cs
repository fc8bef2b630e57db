namespace TokenBudget.RateLimiting;

/// <summary>What one request holds of a rate limit from its admission until it is settled.</summary>
/// <remarks>Thread-safe; the first of <see cref="Settle"/>, <see cref="Dispose"/> and expiry counts, later ones change nothing.</remarks>
public sealed class RateReservation : IDisposable
{
    private readonly TokenRateLimiter _limiter;
    private int _closed;

    internal RateReservation(TokenRateLimiter limiter, long id, TokenDemand reserved, long admittedTicks, TimeSpan waited)
    {
        _limiter = limiter;
        Id = id;
        Reserved = reserved;
        AdmittedTicks = admittedTicks;
        Waited = waited;
    }

    /// <summary>Number of the reservation, rising within its limiter.</summary>
    public long Id { get; }

    /// <summary>What is held.</summary>
    public TokenDemand Reserved { get; }

    /// <summary>How long admission took.</summary>
    public TimeSpan Waited { get; }

    internal long AdmittedTicks { get; }

    /// <summary>Replaces what was held by what was used: the rest is given back, an excess becomes a debt that later requests wait for.</summary>
    /// <param name="used">What the provider counted.</param>
    public void Settle(TokenDemand used)
    {
        used.Validate();
        if (TryClose())
            _limiter.Settle(this, used);
    }

    /// <summary>Gives everything back: the request was never sent.</summary>
    public void Dispose()
    {
        if (TryClose())
            _limiter.Release(this);
    }

    internal bool TryClose() => Interlocked.Exchange(ref _closed, 1) == 0;
}
