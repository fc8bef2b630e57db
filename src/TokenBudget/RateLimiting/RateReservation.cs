namespace TokenBudget.RateLimiting;

/// <summary>What one request holds of a rate limit from its admission until it is settled.</summary>
/// <remarks>A handle: copies stand for the same reservation. Thread-safe; the first of <see cref="Settle"/>, <see cref="Dispose"/> and expiry counts, later ones change nothing.</remarks>
public readonly record struct RateReservation : IDisposable
{
    private readonly Ticket? _ticket;

    // No larger than this: to await a struct of more than three fields costs as much as the reservation itself.
    internal RateReservation(Ticket ticket, long id, TimeSpan waited)
    {
        _ticket = ticket;
        Id = id;
        Waited = waited;
    }

    /// <summary>Number of the reservation, rising within its limiter; 0 for the default value, which holds nothing.</summary>
    public long Id { get; }

    /// <summary>The upper bound it was taken with; nothing once it has ended.</summary>
    public TokenDemand Reserved => _ticket?.Limiter.AmountsOf(_ticket, Id).Reserved ?? default;

    /// <summary>What is held: the upper bound, or what an estimator expects instead of it, and the input as far as it is known; nothing once it has ended.</summary>
    public TokenDemand Held => _ticket?.Limiter.AmountsOf(_ticket, Id).Held ?? default;

    /// <summary>How long admission took.</summary>
    public TimeSpan Waited { get; }

    /// <summary>
    /// Replaces what was held for the input by what the provider has counted, when it says so before the answer is over, as at the beginning of a stream. The output is still held. Changes
    /// nothing where the provider keeps what it charged at admission.
    /// </summary>
    /// <param name="inputTokens">Input tokens that count; not negative.</param>
    public void SettleInput(long inputTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(inputTokens);
        _ticket?.Limiter.SettleInput(_ticket, Id, inputTokens);
    }

    /// <summary>Replaces what was held by what was used: the rest is given back, an excess becomes a debt that later requests wait for.</summary>
    /// <param name="used">What the provider counted.</param>
    public void Settle(TokenDemand used)
    {
        used.Validate();
        _ticket?.Limiter.Settle(_ticket, Id, used);
    }

    /// <summary>Gives everything back: the request was never sent.</summary>
    public void Dispose() => _ticket?.Limiter.Release(_ticket, Id);
}
