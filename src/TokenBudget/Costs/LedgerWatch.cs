using TokenBudget.Sharing;

namespace TokenBudget.Costs;

/// <summary>Bounds what callers wait for a ledger on another machine, and keeps them from queueing up behind one that does not answer. Thread-safe.</summary>
/// <param name="time">The clock.</param>
internal sealed class LedgerWatch(TimeProvider time)
{
    // Callers are to have a decision within 300 ms.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    // A process that has just started connects, loads and compiles what it asks with, as the server does; that is no sign of being away.
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private long? _failedAt;
    private long? _answeredAt;
    private LedgerQuestion _answered;

    /// <summary>
    /// Runs work that is to be over soon: within a quarter of a second, the first question of its kind within two seconds. A ledger that answers others meanwhile is only busy, and waited for. While it is
    /// away one caller tries every quarter of a second; the others are told at once.
    /// </summary>
    /// <param name="question">The kind of the work.</param>
    /// <param name="work">Asks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="LedgerUnavailableException">The ledger threw, or has not answered. The work may go on and succeed all the same.</exception>
    /// <exception cref="OperationCanceledException">The waiting was ended, whatever the ledger threw at the same instant.</exception>
    public async ValueTask<T> RunAsync<T>(LedgerQuestion question, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var patience = RefuseWhileAway(question);
        // Not linked: who cancels must not be held up by what that means to a driver.
        var stop = new CancellationTokenSource();
        Task<T>? task = null;
        try
        {
            task = work(stop.Token);
            while (true)
            {
                try
                {
                    var result = await task.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
                    lock (_gate)
                        (_failedAt, _answeredAt, _answered) = (null, time.GetTimestamp(), _answered | question);
                    stop.Dispose();
                    return result;
                }
                catch (TimeoutException) when (task.IsCompletedSuccessfully)
                {
                    // Just in time.
                }
                catch (TimeoutException) when (!task.IsCompleted && UntilSilent is { } left)
                {
                    // Others are served: this one waits for its turn, until nobody has been served for as long.
                    patience = left;
                }
            }
        }
        catch (Exception exception) when (exception is not TokenBudgetException)
        {
            // Gives the connection back.
            stop.Abandon();
            task?.Forget();
            cancellationToken.ThrowIfCancellationRequested();
            lock (_gate)
                _failedAt = time.GetTimestamp();
            throw new LedgerUnavailableException(exception is TimeoutException or OperationCanceledException ? null : exception);
        }
        catch
        {
            stop.Dispose();
            throw;
        }
    }

    /// <summary>How long until the ledger has been silent for too long; none, when it has.</summary>
    private TimeSpan? UntilSilent
    {
        get
        {
            lock (_gate)
                return _answeredAt is { } answered && Patience - time.GetElapsedTime(answered) is var left && left > TimeSpan.Zero ? left : null;
        }
    }

    /// <returns>How long to wait.</returns>
    private TimeSpan RefuseWhileAway(LedgerQuestion question)
    {
        lock (_gate)
        {
            if (_failedAt is not { } failed)
                return _answered.HasFlag(question) ? Patience : FirstPatience;
            if (time.GetElapsedTime(failed) < Patience)
                throw new LedgerUnavailableException();
            _failedAt = time.GetTimestamp();
            return Patience;
        }
    }
}
