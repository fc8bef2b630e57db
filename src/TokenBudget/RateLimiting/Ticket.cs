using System.Threading.Tasks.Sources;

namespace TokenBudget.RateLimiting;

/// <summary>
/// One request at a limiter: it may have to wait in a line, then it is open until it is settled, and then the object serves another request. So neither a reservation nor a wait
/// allocates anything.
/// </summary>
/// <remarks>Guarded by its limiter's lock, but for what the <see cref="ValueTask{TResult}"/> of a caller that waits reads of it.</remarks>
internal sealed class Ticket(TokenRateLimiter limiter) : IValueTaskSource<RateReservation>
{
    // Finished exactly once for each wait, by whoever has taken it out of its line.
    private ManualResetValueTaskSourceCore<TimeSpan> _waited = new() { RunContinuationsAsynchronously = true };
    private bool _isAwaited;
    private RateCharge _charge;

    public TokenRateLimiter Limiter => limiter;

    /// <summary>The number of its reservation; 0 when it is not open.</summary>
    public long Id { get; set; }

    /// <summary>The most it should use, as its caller said.</summary>
    public TokenDemand Asked { get; private set; }

    /// <summary>The most it should use, by what is known of it.</summary>
    public TokenDemand Bound { get; private set; }

    /// <summary>What is held for it: the bound, or what was learned. Changes with what is learned while it waits, and with what is heard of its answer.</summary>
    public TokenDemand Expected { get; private set; }

    /// <summary>The most it is taken to use when nothing is heard of it.</summary>
    public TokenDemand Most => new(Math.Max(Bound.InputTokens, Expected.InputTokens), Math.Max(Bound.OutputTokens, Expected.OutputTokens));

    /// <summary>What that takes of the limits.</summary>
    public ref readonly RateCharge Charge => ref _charge;

    /// <summary>Since when it waits; once it is open, since when it counts.</summary>
    public long Since { get; set; }

    /// <summary>From whose own limits it takes as well, once it is open; none, when tenants have no limits.</summary>
    public TenantState? Tenant { get; set; }

    /// <summary>Where it waits; none once it was admitted or left.</summary>
    public TenantQueue? Queue { get; set; }

    /// <summary>What is learned of its kind while it waits, if anything is.</summary>
    public UsageEstimator? Estimator { get; private set; }

    /// <summary>Its tenant's share beside the others'.</summary>
    public double Weight { get; private set; }

    /// <summary>When its caller stops waiting; none, when never.</summary>
    public Patience? Patience { get; private set; }

    /// <summary>Its neighbour in its line, or in the order of admission.</summary>
    public Ticket? Previous { get; set; }

    /// <summary>Its neighbour in its line, in the order of admission, or among those that are not in use.</summary>
    public Ticket? Next { get; set; }

    /// <summary>Tells its caller that it was admitted. To be awaited once.</summary>
    public ValueTask<RateReservation> Admission => new(this, _waited.Version);

    /// <summary>Whether somebody may still ask for the outcome of its wait.</summary>
    public bool IsAwaited => Volatile.Read(ref _isAwaited);

    /// <summary>Whether a handle means what it stands for now, and not an earlier reservation.</summary>
    public bool IsOpenAs(long id) => id != 0 && id == Id;

    public void Ask(TokenDemand bound, TokenDemand expected, in RateCharge charge)
    {
        Asked = bound;
        Hold(bound, expected, charge);
    }

    /// <summary>More is known of it than when it came.</summary>
    public void Hold(TokenDemand bound, TokenDemand expected, in RateCharge charge)
    {
        Bound = bound;
        Expected = expected;
        _charge = charge;
    }

    public void Wait(in AdmissionTerms terms, long now, CancellationToken cancellationToken)
    {
        _waited.Reset();
        _isAwaited = true;
        Estimator = terms.Estimator;
        Weight = terms.Weight > 0 ? terms.Weight : 1;
        Since = now;
        if (terms.MaxWait is not null || cancellationToken.CanBeCanceled)
            Patience = new Patience(this, terms.MaxWait, cancellationToken);
    }

    public void Admit(TimeSpan waited)
    {
        EndWait();
        _waited.SetResult(waited);
    }

    public void Fail(Exception exception)
    {
        EndWait();
        _waited.SetException(exception);
    }

    RateReservation IValueTaskSource<RateReservation>.GetResult(short token)
    {
        var waited = _waited.GetResult(token);
        var reservation = new RateReservation(this, Id, waited);
        // From here on the object may be used again.
        Volatile.Write(ref _isAwaited, false);
        return reservation;
    }

    ValueTaskSourceStatus IValueTaskSource<RateReservation>.GetStatus(short token) => _waited.GetStatus(token);

    void IValueTaskSource<RateReservation>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waited.OnCompleted(continuation, state, token, flags);

    private void EndWait()
    {
        Patience?.End();
        Patience = null;
    }
}
