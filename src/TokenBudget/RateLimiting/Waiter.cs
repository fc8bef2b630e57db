using System.Runtime.Intrinsics;

namespace TokenBudget.RateLimiting;

/// <summary>A caller that waits for a rate limit.</summary>
internal sealed class Waiter(TokenRateLimiter limiter, AdmissionTerms terms, long since, CancellationToken cancellationToken)
    : TaskCompletionSource<RateReservation>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private CancellationTokenRegistration _registration;
    private ITimer? _deadline;

    public AdmissionTerms Terms => terms;

    public long Since => since;

    /// <summary>What it asks for. Changes with what is learned while it waits.</summary>
    public required RateClaim Claim { get; set; }

    /// <summary>What it will take of the limit of all.</summary>
    public required RateCharge Charge { get; set; }

    /// <summary>Where it waits; none once it was admitted or left. This and its neighbours are guarded by the limiter's lock.</summary>
    public TenantQueue? Queue { get; set; }

    public Waiter? Next { get; set; }

    public Waiter? Previous { get; set; }

    /// <summary>Listens to the caller's token and deadline. Called without the limiter's lock: a token cancelled by now calls back at once.</summary>
    public void Register(TimeProvider time)
    {
        if (terms.MaxWait is { } longest)
            _deadline = time.CreateTimer(static state => ((Waiter)state!).Leave(late: true), this, longest, Timeout.InfiniteTimeSpan);
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static state => ((Waiter)state!).Leave(late: false), this);
        // Whoever finished it meanwhile may have been too early to see what is to be unregistered.
        if (Task.IsCompleted)
            Unregister();
    }

    public void Admit(RateReservation reservation)
    {
        if (!TrySetResult(reservation))
            reservation.Dispose();
        Unregister();
    }

    public void Cancel()
    {
        TrySetCanceled(cancellationToken);
        Unregister();
    }

    public void Fail(Exception exception)
    {
        TrySetException(exception);
        Unregister();
    }

    private void Leave(bool late) => limiter.Leave(this, late);

    private void Unregister()
    {
        _registration.Unregister();
        _deadline?.Dispose();
    }
}
