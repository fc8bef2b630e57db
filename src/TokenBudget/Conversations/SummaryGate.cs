namespace TokenBudget.Conversations;

/// <summary>Lets one summary of a conversation be made at a time, and none for a while after one that failed. Thread-safe.</summary>
internal sealed class SummaryGate
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _running;
    private long _notBefore;

    /// <summary>The version before which another summary is pointless, because one failed.</summary>
    public long NotBefore
    {
        get
        {
            lock (_gate)
                return _notBefore;
        }
    }

    /// <summary>Completes when no summary is being made.</summary>
    public Task WhenDone
    {
        get
        {
            lock (_gate)
                return _running?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Whether the caller may summarize now. Ended by <see cref="End"/>.</summary>
    public bool TryBegin()
    {
        lock (_gate)
        {
            if (_running is not null)
                return false;
            _running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <param name="notBefore">The version before which another summary is pointless.</param>
    public void End(long notBefore)
    {
        lock (_gate)
        {
            _notBefore = notBefore;
            _running?.SetResult();
            _running = null;
        }
    }
}
