namespace TokenBudget.RateLimiting;

/// <summary>When a caller stops waiting for a rate limit: when its token is cancelled, or when it has waited for as long as it can.</summary>
internal sealed class Patience(Ticket ticket, TimeSpan? longest, CancellationToken cancellationToken)
{
    private CancellationTokenRegistration _registration;
    private ITimer? _deadline;
    private bool _isOver;

    /// <summary>Who waits, as long as this is its patience.</summary>
    public Ticket Ticket => ticket;

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>The longest it can wait, if that has an end.</summary>
    public TimeSpan? Longest => longest;

    /// <summary>Listens to token and deadline. To be called without the limiter's lock: a token cancelled by now calls back at once.</summary>
    public void Begin(TimeProvider time)
    {
        if (longest is { } wait)
            _deadline = time.CreateTimer(static state => ((Patience)state!).Lose(isLate: true), this, wait, Timeout.InfiniteTimeSpan);
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static state => ((Patience)state!).Lose(isLate: false), this);
        // Who has ended it meanwhile may have come too early to see what is to be released.
        Interlocked.MemoryBarrier();
        if (_isOver)
            Release();
    }

    /// <summary>The wait is over.</summary>
    public void End()
    {
        _isOver = true;
        Interlocked.MemoryBarrier();
        Release();
    }

    private void Lose(bool isLate) => ticket.Limiter.Leave(this, isLate);

    private void Release()
    {
        _registration.Unregister();
        _deadline?.Dispose();
    }
}
