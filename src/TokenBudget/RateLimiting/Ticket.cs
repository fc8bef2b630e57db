using System.Runtime.Intrinsics;
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

    public TokenRateLimiter Limiter => limiter;

    /// <summary>The number of its reservation; 0 when it is not open.</summary>
    public long Id { get; set; }

    /// <summary>What it asks for. Changes with what is learned while it waits, and with what is heard of its answer.</summary>
    public RateClaim Claim { get; set; }

    /// <summary>Since when it waits; once it is open, since when it counts.</summary>
    public long Since { get; set; }

    /// <summary>From whose own limits it takes as well, once it is open; none, when tenants have no limits.</summary>
    public TenantState? Tenant { get; set; }

    /// <summary>Where it waits; none once it was admitted or left.</summary>
    public TenantQueue? Queue { get; set; }

    /// <summary>On what terms it waits.</summary>
    public AdmissionTerms Terms { get; private set; }

    /// <summary>What it wants of the limit of all.</summary>
    public Vector256<long> Wants { get; set; }

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

    public void Wait(in RateClaim claim, in RateCharge charge, in AdmissionTerms terms, long now, CancellationToken cancellationToken)
    {
        _waited.Reset();
        _isAwaited = true;
        Claim = claim;
        Wants = charge.All;
        Terms = terms;
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
        var reservation = new RateReservation(this, Claim, waited);
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
