using System.Collections.Concurrent;
using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>Holds budgets in dollars: reserves the worst case before a request is sent and settles it with the ledger afterwards.</summary>
/// <remarks>
/// <para><c>settled + reserved ≤ limit</c> at every instant, for every budget and period, under any number of callers of this process.
/// A period's spending is read from the ledger when it is first touched, so a restart forgets nothing.</para>
/// <para>A ledger that cannot be written closes the budgets: the line is kept, and the next reservation has to write it first.</para>
/// </remarks>
public sealed class CostTracker
{
    private static readonly int[] ThresholdPercents = [50, 80, 90, 100];

    private readonly ILedger _ledger;
    private readonly TimeProvider _time;
    private readonly Usd? _alertThreshold;
    private readonly ConcurrentDictionary<(string Name, BudgetPeriod Period, DateTimeOffset? From), Task<CostAccount>> _accounts = [];
    private readonly ConcurrentQueue<LedgerEntry> _unwritten = [];

    /// <summary>Creates a tracker.</summary>
    /// <param name="ledger">Where lines go, and where spending is read from at the first use of a period.</param>
    /// <param name="time">Its clock; unset, the system's.</param>
    /// <param name="alertThreshold">An amount per budget and period that raises an alert besides the shares of the limit.</param>
    public CostTracker(ILedger ledger, TimeProvider? time = null, Usd? alertThreshold = null)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        _ledger = ledger;
        _time = time ?? TimeProvider.System;
        _alertThreshold = alertThreshold;
    }

    /// <summary>Raised when spending reaches 50, 80, 90 or 100 % of a limit, or the absolute threshold: once each per period. A handler must not throw.</summary>
    public event EventHandler<BudgetAlert>? AlertRaised;

    /// <summary>Lines that could not be written yet.</summary>
    public int UnwrittenEntries => _unwritten.Count;

    /// <summary>Holds the worst case of a request.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="worstCase">The most the request can cost; not negative.</param>
    /// <param name="cancellationToken">Cancels reading the ledger.</param>
    /// <exception cref="BudgetExceededException">It does not fit.</exception>
    public async ValueTask<CostReservation> ReserveAsync(CostBudget budget, Usd worstCase, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentOutOfRangeException.ThrowIfLessThan(worstCase, Usd.Zero);
        await WriteUnwrittenAsync(cancellationToken).ConfigureAwait(false);
        // One instant for the period and for the line: reading the ledger may take until the next period.
        var now = _time.GetUtcNow();
        var account = await AccountAsync(budget, now, cancellationToken).ConfigureAwait(false);
        account.Reserve(worstCase, budget.Limit);
        return new CostReservation(account, Guid.NewGuid(), worstCase, now);
    }

    /// <summary>Replaces a reservation by what the request cost, and writes the line.</summary>
    /// <param name="reservation">The reservation; settling it again changes nothing.</param>
    /// <param name="entry">The line; its id, time and budget are the reservation's, so that a cost belongs to the period that had the room for it.</param>
    /// <exception cref="Exception">What the ledger threw. The cost is counted and the line is kept for the next attempt all the same.</exception>
    public async ValueTask SettleAsync(CostReservation reservation, LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        ArgumentNullException.ThrowIfNull(entry);
        if (!reservation.TryClose())
            return;
        var (before, after) = reservation.Account.Settle(reservation.Amount, entry.Cost);
        // First the line: whatever a handler does, it is not lost.
        _unwritten.Enqueue(entry with { Id = reservation.Id, Budget = reservation.Budget, At = reservation.At });
        RaiseAlerts(reservation.Account, before, after);
        await WriteUnwrittenAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Writes the line of a call that was answered from the response cache: it cost nothing.</summary>
    /// <param name="entry">The line, with outcome <see cref="LedgerOutcome.Avoided"/>.</param>
    public ValueTask RecordAvoidedAsync(LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return _ledger.AppendAsync(entry, CancellationToken.None);
    }

    /// <summary>Every budget used so far in its current period, by name.</summary>
    public IReadOnlyList<BudgetStatus> GetStatus()
    {
        var now = _time.GetUtcNow();
        return
        [
            .. _accounts.Values
                .Where(static account => account.IsCompletedSuccessfully)
                .Select(static account => account.Result)
                .Where(account => account.PeriodStart == account.Budget.PeriodOf(now).From)
                .Select(static account => account.Status)
                .OrderBy(static status => status.Name, StringComparer.Ordinal),
        ];
    }

    private async ValueTask<CostAccount> AccountAsync(CostBudget budget, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (from, until) = budget.PeriodOf(now);
        var key = (budget.Name, budget.Period, from);
        // The task is shared by all callers, so one caller's cancellation must not end it.
        var opening = _accounts.GetOrAdd(key, static (_, open) => open.Tracker.OpenAsync(open.Budget, open.From, open.Until), (Tracker: this, Budget: budget, From: from, Until: until));
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch when (opening.IsFaulted || opening.IsCanceled)
        {
            // A store that gave up by cancelling itself is one that failed; the next caller reads again.
            _accounts.TryRemove(new(key, opening));
            throw;
        }
    }

    private async Task<CostAccount> OpenAsync(CostBudget budget, DateTimeOffset? from, DateTimeOffset? until)
    {
        var spent = await _ledger.SumCostAsync(new LedgerQuery { Budget = budget.Name, From = from, Until = until }).ConfigureAwait(false);
        return new CostAccount(budget, from, until, spent);
    }

    /// <summary>Writes what waits. A line whose writing fails goes back; its id keeps it single should it have been written after all.</summary>
    private async ValueTask WriteUnwrittenAsync(CancellationToken cancellationToken)
    {
        while (_unwritten.TryDequeue(out var entry))
        {
            try
            {
                await _ledger.AppendAsync(entry, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                _unwritten.Enqueue(entry);
                throw;
            }
        }
    }

    private void RaiseAlerts(CostAccount account, Usd before, Usd after)
    {
        if (AlertRaised is not { } handler)
            return;
        if (account.Budget.Limit is { } limit)
            foreach (var percent in ThresholdPercents)
                Raise(new Usd((long)((Int128)limit.PicoDollars * percent / 100)), percent);
        if (_alertThreshold is { } threshold)
            Raise(threshold, null);

        void Raise(Usd threshold, int? percent)
        {
            if (before < threshold && after >= threshold)
                handler(this, new BudgetAlert(account.Budget.Name, account.PeriodStart, threshold, percent, after, account.Budget.Limit, _time.GetUtcNow()));
        }
    }
}
