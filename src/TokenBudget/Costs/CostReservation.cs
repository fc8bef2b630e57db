using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>The worst case of one request, held from a budget until the request is settled.</summary>
/// <remarks>Thread-safe; the first of settling and disposing counts.</remarks>
public sealed class CostReservation : IDisposable
{
    private readonly CostAccount _account;
    private int _closed;

    internal CostReservation(CostAccount account, Guid id, Usd amount, DateTimeOffset at)
    {
        _account = account;
        Id = id;
        Amount = amount;
        At = at;
    }

    /// <summary>Identity of the request; the id of its line in the ledger.</summary>
    public Guid Id { get; }

    /// <summary>What is held.</summary>
    public Usd Amount { get; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset At { get; }

    /// <summary>The budget it is held from.</summary>
    public string Budget => _account.Budget.Name;

    internal CostAccount Account => _account;

    /// <summary>Gives everything back: nothing was spent.</summary>
    public void Dispose()
    {
        if (TryClose())
            _account.Release(Amount);
    }

    internal bool TryClose() => Interlocked.Exchange(ref _closed, 1) == 0;
}
