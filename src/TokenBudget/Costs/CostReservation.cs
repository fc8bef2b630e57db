using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>The worst case of one request, held from every budget it is charged to until the request is settled.</summary>
/// <remarks>Thread-safe; the first of settling and disposing counts.</remarks>
public sealed class CostReservation : IDisposable
{
    private readonly CostTracker _tracker;
    private int _closed;

    internal CostReservation(CostTracker tracker, CostAccount[] accounts, LedgerEntry line)
    {
        _tracker = tracker;
        Accounts = accounts;
        Line = line;
    }

    /// <summary>Identity of the request; the id of its line in the ledger.</summary>
    public Guid Id => Line.Id;

    /// <summary>What is held.</summary>
    public Usd Amount => Line.Cost;

    /// <summary>When it was taken.</summary>
    public DateTimeOffset At => Line.At;

    /// <summary>The first of the budgets it is held from: the one its line in the ledger names.</summary>
    public string Budget => Accounts[0].Budget.Name;

    internal CostAccount[] Accounts { get; }

    /// <summary>Its line at the worst case.</summary>
    internal LedgerEntry Line { get; }

    /// <summary>Gives everything back: nothing was spent.</summary>
    public void Dispose()
    {
        if (TryClose())
            _tracker.Release(this);
    }

    internal bool TryClose() => Interlocked.Exchange(ref _closed, 1) == 0;
}
