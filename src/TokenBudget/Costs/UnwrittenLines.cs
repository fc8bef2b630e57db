using System.Collections.Concurrent;

namespace TokenBudget.Costs;

/// <summary>
/// Lines on their way to the ledger. What could not be written is kept and tried again before anything else is spent; a line that the ledger alone
/// refuses, time and again, is set aside, so that it does not keep every budget closed for ever.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="setAside">Told of a line that is set aside.</param>
/// <param name="stateChanged">Told when <see cref="IsFailing"/> has changed.</param>
internal sealed class UnwrittenLines(ILedger ledger, Action<LedgerEntry> setAside, Action stateChanged)
{
    private const int Attempts = 3;
    private const string Placeholder = "set-aside";

    private readonly ConcurrentQueue<(LedgerEntry Line, int Failures)> _lines = [];
    private int _onTheirWay;
    private bool _isFailing;

    /// <summary>Lines that nobody writes at the moment.</summary>
    public int Waiting => _lines.Count;

    /// <summary>Lines that wait, and those on their way.</summary>
    public int Count => _lines.Count + Volatile.Read(ref _onTheirWay);

    /// <summary>Whether the ledger refused what was written last.</summary>
    public bool IsFailing => Volatile.Read(ref _isFailing);

    public void Add(LedgerEntry line) => _lines.Enqueue((line, 0));

    /// <summary>Writes what waits. A line whose writing fails goes back; its id keeps it single should it have been written after all.</summary>
    /// <exception cref="Exception">What the ledger threw.</exception>
    public async ValueTask WriteAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Counted first: a line is never in neither number.
            Interlocked.Increment(ref _onTheirWay);
            if (!_lines.TryDequeue(out var next))
            {
                Interlocked.Decrement(ref _onTheirWay);
                return;
            }

            try
            {
                await ledger.AppendAsync(next.Line, cancellationToken).ConfigureAwait(false);
                Became(failing: false);
            }
            catch (Exception exception)
            {
                var callerLeft = cancellationToken.IsCancellationRequested && exception is OperationCanceledException;
                var failures = callerLeft ? next.Failures : next.Failures + 1;
                if (failures >= Attempts && await IsRefusedAloneAsync(next.Line).ConfigureAwait(false))
                {
                    Became(failing: false);
                    continue;
                }

                _lines.Enqueue((next.Line, failures));
                if (!callerLeft)
                    Became(failing: true);
                throw;
            }
            finally
            {
                Interlocked.Decrement(ref _onTheirWay);
            }
        }
    }

    private void Became(bool failing)
    {
        if (Volatile.Read(ref _isFailing) == failing)
            return;
        if (Interlocked.Exchange(ref _isFailing, failing) != failing)
            stateChanged();
    }

    /// <summary>
    /// Finds out whether the store works and the line is at fault: an empty line is written, the line is not, and its amount is under names that no store
    /// can object to. Otherwise the store is at fault, and budgets stay closed.
    /// </summary>
    /// <returns>Whether the line is dealt with.</returns>
    private async ValueTask<bool> IsRefusedAloneAsync(LedgerEntry line)
    {
        var plain = line with { Agent = Placeholder, Method = Placeholder, Model = Placeholder, Budget = Placeholder, Tenant = null };
        if (!await TryWriteAsync(plain with { Id = ProbeOf(line.Id), Usage = default, Cost = default }).ConfigureAwait(false))
            return false;
        if (await TryWriteAsync(line).ConfigureAwait(false))
            return true;
        if (!await TryWriteAsync(plain).ConfigureAwait(false))
            return false;
        setAside(line);
        return true;
    }

    /// <summary>One id for each line, so that trying again leaves one empty line.</summary>
    private static Guid ProbeOf(Guid id)
    {
        var bytes = id.ToByteArray();
        bytes[^1] ^= 1;
        return new Guid(bytes);
    }

    private async ValueTask<bool> TryWriteAsync(LedgerEntry line)
    {
        try
        {
            await ledger.AppendAsync(line, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }
}
