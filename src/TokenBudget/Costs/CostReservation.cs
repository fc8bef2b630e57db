using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>The worst case of one request, held from every budget it is charged to until the request is settled.</summary>
/// <remarks>Thread-safe; the first of settling and disposing counts.</remarks>
public sealed class CostReservation : IDisposable
{
    private readonly CostTracker _tracker;
    private int _closed;

    /// <param name="tracker">Who holds it.</param>
    /// <param name="accounts">What it is held from.</param>
    /// <param name="id">Its id.</param>
    /// <param name="at">When it is taken.</param>
    /// <param name="amount">What is held.</param>
    /// <param name="about">Whose request it is, where that is written ahead.</param>
    internal CostReservation(CostTracker tracker, CostAccount[] accounts, Guid id, DateTimeOffset at, Usd amount, LineSubject? about = null)
    {
        _tracker = tracker;
        Accounts = accounts;
        Id = id;
        At = at;
        Amount = amount;
        if (about is { } subject)
            Line = LineOf(subject);
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

    /// <summary>Its line at the worst case, where one is written ahead.</summary>
    internal LedgerEntry? Line { get; }

    /// <summary>Gives everything back: nothing was spent.</summary>
    public void Dispose()
    {
        if (TryClose())
            _tracker.Release(this);
    }

    internal bool TryClose() => Interlocked.Exchange(ref _closed, 1) == 0;

    /// <summary>Whether a line is its own: with its id, time and budget.</summary>
    internal bool IsNamedBy(LedgerEntry line) => line.Id == Id && line.At == At && line.Budget == Budget;

    private LedgerEntry LineOf(in LineSubject about) => new()
    {
        Id = Id,
        At = At,
        Agent = about.Agent,
        Method = about.Method,
        Model = about.Model,
        Budget = Budget,
        Tenant = about.Tenant,
        Outcome = LedgerOutcome.Reserved,
        Cost = Amount,
        IsEstimate = true,
    };
}
