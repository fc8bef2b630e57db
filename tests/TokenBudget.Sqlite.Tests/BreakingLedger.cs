using TokenBudget.Conformance;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Sqlite.Tests;

/// <summary>A ledger that breaks at one of the points that it passes: before and after each thing it does, and where a reader of lines ends.</summary>
internal sealed class BreakingLedger(bool decides) : IReservationLedger
{
    private readonly TaskCompletionSource _silence = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _passed;
    private volatile bool _isMended;

    /// <summary>The number of the point at which it breaks, from 1.</summary>
    public int BreaksAt { get; init; } = int.MaxValue;

    public LedgerBreak Break { get; init; }

    /// <summary>Whether it is broken at all later points, too, until it is mended.</summary>
    public bool StaysBroken { get; init; }

    /// <summary>Done at the instant it breaks.</summary>
    public Action? Breaking { get; init; }

    public bool HasBroken => Volatile.Read(ref _passed) >= BreaksAt;

    public InMemoryReservationLedger Inner { get; } = new();

    public bool DecidesBudgets => decides;

    /// <summary>From now on it does what it is asked; what was not answered has failed.</summary>
    public void Mend()
    {
        _isMended = true;
        _silence.TrySetException(Error());
    }

    public ValueTask<IReadOnlyList<BudgetBalance>> ReserveAsync(LedgerEntry line, IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken = default) =>
        RunAsync(PassAsync(), () => Inner.ReserveAsync(line, decides ? claims : [], CancellationToken.None));

    public ValueTask ReleaseAsync(Guid id, CancellationToken cancellationToken = default) => RunAsync(PassAsync(), () => Inner.ReleaseAsync(id, CancellationToken.None));

    public ValueTask<IReadOnlyList<BudgetBalance>> ReadBalancesAsync(IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken = default) =>
        RunAsync(PassAsync(), () => Inner.ReadBalancesAsync(claims, CancellationToken.None));

    public ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default) => RunAsync(PassAsync(), () => Inner.AppendAsync(entry, CancellationToken.None));

    public ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default) => RunAsync(PassAsync(), () => Inner.SumCostAsync(query, CancellationToken.None));

    public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) =>
        RunAsync(PassAsync(), () => Inner.TotalAsync(query, by, CancellationToken.None));

    public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default) => ReadAsync(PassAsync(), query);

    private static IOException Error() => new("broken");

    private async IAsyncEnumerable<LedgerEntry> ReadAsync(Task before, LedgerQuery query)
    {
        try
        {
            await before;
            await foreach (var line in Inner.ReadAsync(query))
                yield return line;
        }
        finally
        {
            await PassAsync();
        }
    }

    private async ValueTask<T> RunAsync<T>(Task before, Func<ValueTask<T>> work)
    {
        await before;
        var result = await work();
        await PassAsync();
        return result;
    }

    private async ValueTask RunAsync(Task before, Func<ValueTask> work)
    {
        await before;
        await work();
        await PassAsync();
    }

    private Task PassAsync()
    {
        var point = Interlocked.Increment(ref _passed);
        if (_isMended || (StaysBroken ? point < BreaksAt : point != BreaksAt))
            return Task.CompletedTask;
        Breaking?.Invoke();
        return Break switch
        {
            LedgerBreak.Throws => throw Error(),
            LedgerBreak.Fails => Task.FromException(Error()),
            LedgerBreak.FailsLater => LaterAsync(),
            LedgerBreak.GivesUp => Task.FromCanceled(new CancellationToken(canceled: true)),
            _ => _silence.Task,
        };

        static async Task LaterAsync()
        {
            await Task.Yield();
            throw Error();
        }
    }
}
