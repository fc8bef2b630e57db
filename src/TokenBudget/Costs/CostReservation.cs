using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>The worst case of one request, held from every budget it is charged to until the request is settled.</summary>
/// <remarks>Thread-safe; the first of settling and disposing counts.</remarks>
public sealed class CostReservation : IDisposable
{
    private readonly CostTracker _tracker;
    private int _closed;

    internal CostReservation(CostTracker tracker, CostAccount[] accounts, Usd amount, DateTimeOffset at)
    {
        _tracker = tracker;
        Accounts = accounts;
        Id = Guid.NewGuid();
        Amount = amount;
        At = at;
    }

    /// <summary>Identity of the request; the id of its line in the ledger.</summary>
    public Guid Id { get; }

    /// <summary>What is held.</summary>
    public Usd Amount { get; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset At { get; }

    /// <summary>The first of the budgets it is held from: the one its line in the ledger names.</summary>
    public string Budget => Accounts[0].Budget.Name;

    internal CostAccount[] Accounts { get; }

    /// <summary>Gives everything back: nothing was spent.</summary>
    public void Dispose()
    {
        if (TryClose())
            _tracker.Release(this);
    }

    internal bool TryClose() => Interlocked.Exchange(ref _closed, 1) == 0;
}
