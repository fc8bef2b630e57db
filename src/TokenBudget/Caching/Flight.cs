namespace TokenBudget.Caching;

/// <summary>
/// An answer in the making and those who wait for it. All waiters are equal: it goes on while there is one, and is cancelled when the last has left.
/// </summary>
internal abstract class Flight(EntryKey key, CacheEntryInfo info, Flight? parent)
{
    private readonly TaskCompletionSource<FlightOutcome> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Never disposed: without a timer or a wait handle it holds nothing, and a late cancellation may come at any time.
    private readonly CancellationTokenSource _stop = new();

    public EntryKey Key => key;

    public CacheEntryInfo Info => info;

    /// <summary>The answer whose making asked for this one.</summary>
    public Flight? Parent => parent;

    /// <summary>How many wait. Guarded by the cache's lock.</summary>
    public int Waiters { get; set; } = 1;

    /// <summary>Cleared while it was made: it must not be kept. Guarded by the cache's lock.</summary>
    public bool IsCleared { get; set; }

    /// <summary>What the answer belongs to in the second level, as it was when the making began; none without one, or while it does not answer.</summary>
    public CacheGenerations? Generations { get; set; }

    /// <summary>Ends when the answer does; never fails.</summary>
    public Task<FlightOutcome> Landed => _landed.Task;

    protected CancellationToken StopToken => _stop.Token;

    /// <summary>Waits until the answer is there.</summary>
    public abstract Task<FlightOutcome> WaitAsync(CancellationToken cancellationToken);

    /// <summary>Cancels the making, because nobody waits, and returns when it has wound down: whoever cancels a call can rely on it being settled.</summary>
    public abstract Task StopAsync();

    public void Land(FlightOutcome outcome) => _landed.TrySetResult(outcome);

    protected void Cancel() => _stop.Cancel();
}
