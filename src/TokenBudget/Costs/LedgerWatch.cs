namespace TokenBudget.Costs;

/// <summary>Bounds what callers wait for a ledger on another machine, and keeps them from queueing up behind one that does not answer. Thread-safe.</summary>
/// <param name="time">The clock.</param>
internal sealed class LedgerWatch(TimeProvider time)
{
    // Callers are to have a decision within 300 ms.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private long? _failedAt;
    private long? _answeredAt;

    /// <summary>
    /// Runs work that is to be over soon. A ledger that answers others meanwhile is only busy, and waited for. While it is away one caller tries every quarter of a second; the
    /// others are told at once.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The ledger threw, or has not answered. The work may go on and succeed all the same.</exception>
    public async ValueTask<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        RefuseWhileAway();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var task = work(stop.Token);
        try
        {
            while (true)
            {
                try
                {
                    var result = await task.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
                    lock (_gate)
                        (_failedAt, _answeredAt) = (null, time.GetTimestamp());
                    return result;
                }
                catch (TimeoutException) when (!task.IsCompleted && HasAnsweredLately)
                {
                    // Others are served: this one waits for its turn.
                }
            }
        }
        catch (Exception exception) when (exception is not TokenBudgetException && !cancellationToken.IsCancellationRequested)
        {
            // Gives the connection back; that may itself take a while, which nobody waits for.
            await stop.CancelAsync().ConfigureAwait(false);
            _ = task.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            lock (_gate)
                _failedAt = time.GetTimestamp();
            throw new LedgerUnavailableException(exception is TimeoutException or OperationCanceledException ? null : exception);
        }
    }

    private bool HasAnsweredLately
    {
        get
        {
            lock (_gate)
                return _answeredAt is { } answered && time.GetElapsedTime(answered) < Patience;
        }
    }

    private void RefuseWhileAway()
    {
        lock (_gate)
        {
            if (_failedAt is not { } failed)
                return;
            if (time.GetElapsedTime(failed) < Patience)
                throw new LedgerUnavailableException();
            _failedAt = time.GetTimestamp();
        }
    }
}
