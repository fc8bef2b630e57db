using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>Holds budgets in dollars: reserves the worst case before a request is sent and settles it with the ledger afterwards.</summary>
/// <remarks>
/// <para><c>settled + reserved ≤ limit + approved</c> at every instant, for every budget and period, under any number of callers of this process. A call
/// takes room in all its budgets or in none. A period's spending, and what was approved beyond its limit, are read from the ledger when it is first
/// touched, so a restart forgets nothing but that a budget was paused because a call did not fit; a pause by hand is in the ledger.</para>
/// <para>A ledger that cannot be written closes the budgets: the line is kept, and the next reservation has to write it first. A line that it alone refuses is
/// set aside (<see cref="LineSetAside"/>); its amount stays counted.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed partial class CostTracker
{
    private static readonly int[] DefaultAlertPercents = [50, 80, 90, 100];
    private static readonly LineSubject Nobody = new(string.Empty, string.Empty, string.Empty, null);

    private readonly ILedger _ledger;
    private readonly TimeProvider _time;
    private readonly Usd? _alertThreshold;
    private readonly int[] _alertPercents;
    private readonly ConcurrentDictionary<(string Name, BudgetPeriod Period, DateTimeOffset? From), Task<CostAccount>> _accounts = [];
    private readonly UnwrittenLines _unwritten;
    private readonly RequestIds _ids = new();
    private readonly Lock _gate = new();
    private int _accountsAfterPruning;

    /// <summary>Creates a tracker.</summary>
    /// <param name="ledger">Where lines go, and where spending is read from at the first use of a period.</param>
    /// <param name="time">Its clock; unset, the system's.</param>
    /// <param name="alertThreshold">An amount per budget and period that raises an alert besides the shares of the limit.</param>
    /// <param name="alertPercents">The shares of a limit that raise an alert, in percent, above 0; unset, 50, 80, 90 and 100.</param>
    public CostTracker(ILedger ledger, TimeProvider? time = null, Usd? alertThreshold = null, IReadOnlyList<int>? alertPercents = null)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        _ledger = ledger;
        _time = time ?? TimeProvider.System;
        _alertThreshold = alertThreshold;
        _alertPercents = [.. (alertPercents ?? DefaultAlertPercents).Order()];
        if (_alertPercents is [<= 0, ..])
            throw new ArgumentOutOfRangeException(nameof(alertPercents), _alertPercents[0], "A share of a limit is above 0 %.");
        _ahead = ledger as IReservationLedger;
        // A ledger with a clock of its own is a server: its answers take real time, whatever clock this process is given.
        _watch = new LedgerWatch(_ahead?.Now is null ? _time : TimeProvider.System);
        _unwritten = new UnwrittenLines(ledger, line => LineSetAside?.Invoke(this, line), () => LedgerStateChanged?.Invoke(this, EventArgs.Empty));
    }

    /// <summary>Raised when spending reaches a share of a limit, or the absolute threshold: once each per budget and period. A handler must not throw.</summary>
    public event EventHandler<BudgetAlert>? AlertRaised;

    /// <summary>
    /// Raised for a line that the ledger refused three times although it takes others. Its amount is in the ledger under the budget <c>set-aside</c> and stays
    /// counted here until the next start; the line itself is kept nowhere else. A handler must not throw.
    /// </summary>
    public event EventHandler<LedgerEntry>? LineSetAside;

    /// <summary>
    /// Raised when a budget is paused, when somebody pauses by hand one that is paused already, and when it may spend again because somebody approved; not when a new period begins. A handler
    /// must not throw.
    /// </summary>
    public event EventHandler<BudgetStatus>? PauseChanged;

    /// <summary>Raised when the ledger refuses a line after it took one, and the other way round; see <see cref="IsLedgerFailing"/>. A handler must not throw.</summary>
    public event EventHandler? LedgerStateChanged;

    /// <summary>The shares of a limit that raise an alert, in percent, in rising order.</summary>
    public IReadOnlyList<int> AlertPercents => _alertPercents;

    /// <summary>The amount per budget and period that raises an alert besides; <see langword="null"/>, none.</summary>
    public Usd? AlertThreshold => _alertThreshold;

    /// <summary>Lines that are not written: on their way, or refused by a ledger that fails.</summary>
    public int UnwrittenEntries => _unwritten.Count;

    /// <summary>Whether the ledger refused the newest line. Until it takes one again, budgets are closed.</summary>
    public bool IsLedgerFailing => _unwritten.IsFailing;

    /// <summary>Holds the worst case of a request.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="worstCase">The most the request can cost; not negative.</param>
    /// <param name="cancellationToken">Cancels reading the ledger, and waiting.</param>
    /// <exception cref="BudgetExceededException">It does not fit.</exception>
    /// <exception cref="BudgetPausedException">The budget is paused, or was by this call.</exception>
    public ValueTask<CostReservation> ReserveAsync(CostBudget budget, Usd worstCase, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(budget);
        return ReserveAsync([budget], worstCase, cancellationToken);
    }

    /// <summary>Holds the worst case of a request from every budget it is charged to, or from none.</summary>
    /// <param name="budgets">The budgets; the line in the ledger names the first.</param>
    /// <param name="worstCase">The most the request can cost; not negative.</param>
    /// <param name="cancellationToken">Cancels reading the ledger, and waiting.</param>
    /// <exception cref="BudgetExceededException">It does not fit into one of them.</exception>
    /// <exception cref="BudgetPausedException">One of them is paused, or was by this call.</exception>
    /// <exception cref="LedgerUnavailableException">What was spent cannot be read, or the worst case cannot be written ahead.</exception>
    public ValueTask<CostReservation> ReserveAsync(IReadOnlyList<CostBudget> budgets, Usd worstCase, CancellationToken cancellationToken = default) =>
        ReserveAsync(budgets, worstCase, Nobody, cancellationToken);

    /// <param name="budgets">The budgets; the line in the ledger names the first.</param>
    /// <param name="worstCase">The most the request can cost; not negative.</param>
    /// <param name="about">Whose request it is.</param>
    /// <param name="cancellationToken">Cancels reading the ledger, and waiting.</param>
    internal ValueTask<CostReservation> ReserveAsync(IReadOnlyList<CostBudget> budgets, Usd worstCase, in LineSubject about, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(budgets);
        ArgumentOutOfRangeException.ThrowIfZero(budgets.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(worstCase, Usd.Zero);
        // Nearly always nothing has to be written before or ahead, and there is room.
        if (_ahead is null && _unwritten.Waiting == 0 && Now is var now && TryGetAccounts(budgets, now) is { } accounts && TryHold(budgets, accounts, worstCase, out _, out _, out _))
            return new(new CostReservation(this, accounts, NextId(now), now, worstCase));
        return ReserveInTimeAsync(budgets, worstCase, about, cancellationToken);
    }

    private async ValueTask<CostReservation> ReserveInTimeAsync(IReadOnlyList<CostBudget> budgets, Usd worstCase, LineSubject about, CancellationToken cancellationToken)
    {
        while (true)
        {
            await WriteUnwrittenFirstAsync(cancellationToken).ConfigureAwait(false);
            // One instant for the period and for the line: reading the ledger may take until the next period.
            var now = Now;
            var accounts = await AccountsAsync(budgets, now, cancellationToken).ConfigureAwait(false);
            var reservation = new CostReservation(this, accounts, NextId(now), now, worstCase, _ahead is null ? null : about);
            TokenBudgetException? refusal = null;
            CostAccount? refusedBy = null;
            Task? moreRoom = null;
            if (_ahead is not null)
                (refusal, refusedBy, moreRoom) = await WriteAheadAsync(budgets, reservation, cancellationToken).ConfigureAwait(false);
            else
                TryHold(budgets, accounts, worstCase, out refusal, out refusedBy, out moreRoom);
            if (refusal is null)
                return reservation;
            if (refusal is BudgetPausedException paused)
            {
                refusal = paused = await ExplainAsync(paused, refusedBy!, cancellationToken).ConfigureAwait(false);
                if (IsNews(refusedBy!))
                    PauseChanged?.Invoke(this, paused.Status);
            }

            if (moreRoom is null)
                throw refusal;
            await WaitAsync(moreRoom, refusedBy?.PeriodEnd - now, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>How much of the fullest of some budgets is spent or reserved.</summary>
    /// <param name="budgets">The budgets.</param>
    /// <param name="cancellationToken">Cancels reading the ledger.</param>
    /// <returns>A share of the limit, from 0; 0 where there is no limit.</returns>
    /// <exception cref="LedgerUnavailableException">A ledger in which requests are written ahead cannot be read.</exception>
    public async ValueTask<double> PressureAsync(IReadOnlyList<CostBudget> budgets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(budgets);
        var accounts = await AccountsAsync(budgets, Now, cancellationToken).ConfigureAwait(false);
        var highest = 0d;
        lock (_gate)
        {
            for (var i = 0; i < accounts.Length; i++)
                if (budgets[i].Limit is { } limit)
                    highest = Math.Max(highest, accounts[i].ShareOf(limit));
        }

        return highest;
    }

    /// <summary>Replaces a reservation by what the request cost, and writes the line.</summary>
    /// <param name="reservation">The reservation; settling it again changes nothing.</param>
    /// <param name="entry">The line; its id, time and budget are the reservation's, so that a cost belongs to the period that had the room for it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The cost is negative.</exception>
    /// <exception cref="Exception">What the ledger threw. The cost is counted and the line is kept for the next attempt all the same.</exception>
    public ValueTask SettleAsync(CostReservation reservation, LedgerEntry entry) => SettleAsync(reservation, entry, []);

    /// <param name="reservation">The reservation.</param>
    /// <param name="entry">The line.</param>
    /// <param name="nested">The same cost for other budgets it was held from.</param>
    internal ValueTask SettleAsync(CostReservation reservation, LedgerEntry entry, IReadOnlyList<LedgerEntry> nested)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentOutOfRangeException.ThrowIfLessThan(entry.Cost, Usd.Zero);
        if (!reservation.TryClose())
            return default;
        var accounts = reservation.Accounts;
        List<(CostAccount Account, Usd Before, Usd After)>? news = null;
        lock (_gate)
        {
            foreach (var account in accounts)
            {
                var (before, after) = account.Settle(reservation.Amount, entry.Cost);
                if (account.Alerts.IsReached(before, after))
                    (news ??= []).Add((account, before, after));
            }
        }

        // First the line: whatever a handler does, it is not lost.
        _unwritten.Add(reservation.IsNamedBy(entry) ? entry : entry with { Id = reservation.Id, Budget = reservation.Budget, At = reservation.At });
        for (var i = 0; i < nested.Count; i++)
            _unwritten.Add(nested[i] with { At = reservation.At });
        foreach (var (account, before, after) in news ?? [])
            RaiseAlerts(account, before, after);
        return WriteUnwrittenAsync(CancellationToken.None);
    }

    /// <summary>Writes the line of a call that was answered from the response cache: it cost nothing.</summary>
    /// <param name="entry">The line, with outcome <see cref="LedgerOutcome.Avoided"/>.</param>
    /// <exception cref="LedgerUnavailableException">The ledger is on another machine and does not answer, or threw.</exception>
    /// <exception cref="Exception">What another ledger threw.</exception>
    public async ValueTask RecordAvoidedAsync(LedgerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (_ahead is { DecidesBudgets: true })
            // It cost nothing: no answer waits for longer to have that on record.
            await _watch.RunAsync(LedgerQuestion.Write, stop => WriteAsync(entry, stop), CancellationToken.None).ConfigureAwait(false);
        else
            await _ledger.AppendAsync(entry, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Every budget used so far in its current period, by name; while a monitor looks, also those that agents of this process have and nobody has used.</summary>
    public IReadOnlyList<BudgetStatus> GetStatus()
    {
        var current = CurrentAccounts(Now);
        lock (_gate)
        {
            return
            [
                .. current.Select(static account => account.StatusFor(account.Budget.Limit))
                    .OrderBy(static status => status.Name, StringComparer.Ordinal).ThenBy(static status => status.Period),
            ];
        }
    }

    /// <summary>How many periods of budgets are remembered.</summary>
    internal int OpenPeriods => _accounts.Count;

    internal void Release(CostReservation reservation)
    {
        ReleaseLocally(reservation.Accounts, reservation.Amount);
        if (_ahead is not null)
            _ = ReleaseAheadAsync(reservation);
    }

    /// <summary>Takes room in all accounts or in none.</summary>
    /// <param name="budgets">The budgets, with the limits of this caller.</param>
    /// <param name="accounts">Their accounts.</param>
    /// <param name="amount">How much room.</param>
    /// <param name="refusal">Why not.</param>
    /// <param name="refusedBy">The account without room.</param>
    /// <param name="moreRoom">What to wait for; none when waiting is not wanted or would not help.</param>
    private bool TryHold(
        IReadOnlyList<CostBudget> budgets,
        CostAccount[] accounts,
        Usd amount,
        [NotNullWhen(false)] out TokenBudgetException? refusal,
        [NotNullWhen(false)] out CostAccount? refusedBy,
        out Task? moreRoom)
    {
        (refusal, refusedBy, moreRoom) = (null, null, null);
        lock (_gate)
        {
            for (var i = 0; i < accounts.Length; i++)
            {
                var (account, budget) = (accounts[i], budgets[i]);
                if (account.Fits(amount, budget.Limit))
                    continue;
                if (budget.AtLimit == AtLimit.Pause)
                    account.Pause();
                refusedBy = account;
                refusal = RefusalOf(account, budget, amount, account.IsPaused);
                moreRoom = WaitsFor(account, budget, amount) ? account.MoreRoom : null;
                return false;
            }

            foreach (var account in accounts)
                account.Hold(amount);
            return true;
        }
    }

    // A server's clock is read seldom, and it takes longer than any id.
    private Guid NextId(DateTimeOffset now) => _ahead is null ? _ids.Next(now) : Guid.NewGuid();

    private bool IsNews(CostAccount paused)
    {
        lock (_gate)
            return paused.TakePauseNews();
    }

    private static TokenBudgetException RefusalOf(CostAccount account, CostBudget budget, Usd amount, bool isPaused)
    {
        var status = account.StatusFor(budget.Limit) with { IsPaused = isPaused };
        return status.IsPaused
            ? new BudgetPausedException(status, amount, account.PeriodEnd)
            : new BudgetExceededException(status, amount, account.PeriodEnd, budget.AtLimit);
    }

    private static bool WaitsFor(CostAccount account, CostBudget budget, Usd amount) =>
        budget.AtLimit == AtLimit.Wait && (account.IsPaused || account.EverFits(amount, budget.Limit));

    private async ValueTask WaitAsync(Task moreRoom, TimeSpan? untilNextPeriod, CancellationToken cancellationToken)
    {
        try
        {
            await moreRoom.WaitAsync(untilNextPeriod ?? Timeout.InfiniteTimeSpan, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The next period has begun: there is another account to ask.
        }
    }

    /// <summary>The accounts of budgets. What is not known is read, bounded in time where the ledger is on another machine.</summary>
    private ValueTask<CostAccount[]> AccountsAsync(IReadOnlyList<CostBudget> budgets, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // What is known already says nothing of whether the ledger answers.
        if (TryGetAccounts(budgets, now) is { } known)
            return new(known);
        return _ahead is { DecidesBudgets: true }
            ? _watch.RunAsync(LedgerQuestion.Balances, _ => ReadAccountsAsync(budgets, now, cancellationToken), cancellationToken)
            : new(ReadAccountsAsync(budgets, now, cancellationToken));
    }

    private async Task<CostAccount[]> ReadAccountsAsync(IReadOnlyList<CostBudget> budgets, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var accounts = new CostAccount[budgets.Count];
        try
        {
            for (var i = 0; i < accounts.Length; i++)
                accounts[i] = await AccountAsync(budgets[i], now, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (_ahead is { DecidesBudgets: false })
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new LedgerUnavailableException(exception);
        }

        Remember(budgets, accounts);
        return accounts;
    }

    /// <summary>The accounts of budgets, if all of them have been used in their period before.</summary>
    private CostAccount[]? TryGetAccounts(IReadOnlyList<CostBudget> budgets, DateTimeOffset now)
    {
        if (budgets is ChargedBudgets { Open: { } open } && open.Tracker == this && open.AreCurrent(now))
            return open.Accounts;
        var accounts = new CostAccount[budgets.Count];
        for (var i = 0; i < accounts.Length; i++)
        {
            if (!_accounts.TryGetValue((budgets[i].Name, budgets[i].Period, budgets[i].PeriodOf(now).From), out var known) || !known.IsCompletedSuccessfully)
                return null;
            accounts[i] = known.Result;
        }

        Remember(budgets, accounts);
        return accounts;
    }

    private void Remember(IReadOnlyList<CostBudget> budgets, CostAccount[] accounts)
    {
        if (budgets is ChargedBudgets charged)
            charged.Open = new OpenAccounts(this, accounts);
    }

    private async ValueTask<CostAccount> AccountAsync(CostBudget budget, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (from, until) = budget.PeriodOf(now);
        var key = (budget.Name, budget.Period, from);
        if (_accounts.TryGetValue(key, out var known) && known.IsCompletedSuccessfully)
            return known.Result;
        // The task is shared by all callers, so one caller's cancellation must not end it.
        var opening = _accounts.GetOrAdd(key, static (_, open) => open.Tracker.OpenAsync(open.Budget, open.From, open.Until), (Tracker: this, Budget: budget, From: from, Until: until));
        Prune(now);
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
        var lines = (budget.Lines ?? new LedgerQuery { Budget = budget.Name }) with { From = from, Until = until };
        var spent = await _ledger.SumCostAsync(lines).ConfigureAwait(false);
        var approved = Usd.Zero;
        var approvals = new LedgerQuery { Budget = budget.Name, Outcome = LedgerOutcome.Approved, From = from, Until = until };
        await foreach (var line in _ledger.ReadAsync(approvals).ConfigureAwait(false))
            if (line.Method == budget.Period.ToString())
                approved += line.Cost;
        return new CostAccount(
            budget, from, until, spent, approved, new AlertLevels(budget.Limit, _alertPercents, _alertThreshold), await ReadPauseAsync(budget, CancellationToken.None).ConfigureAwait(false));
    }

    /// <param name="now">The time.</param>
    /// <param name="budget">The budget's name; <see langword="null"/>, all that are in use.</param>
    private List<CostAccount> CurrentAccounts(DateTimeOffset now, string? budget = null)
    {
        var opened = _accounts.Values.Where(static account => account.IsCompletedSuccessfully).Select(static account => account.Result).ToList();
        // A budget that was paused by hand is seen and can be resumed in its next period, though nobody calls it.
        foreach (var over in opened.FindAll(account => account.ByHand is not null && account.PeriodEnd <= now))
        {
            if (OpenQuietlyAsync(over.Budget, now) is not { IsCompletedSuccessfully: true, Result: { } next })
                continue;
            _accounts.TryRemove((over.Budget.Name, over.Budget.Period, over.PeriodStart), out _);
            if (!opened.Contains(next))
                opened.Add(next);
        }

        return opened.FindAll(account => account.PeriodStart == account.Budget.PeriodOf(now).From && (budget is null || account.Budget.Name == budget));
    }

    private async Task<CostAccount?> OpenQuietlyAsync(CostBudget budget, DateTimeOffset now)
    {
        try
        {
            return await AccountAsync(budget, now, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Who looks next tries again.
            return null;
        }
    }

    /// <summary>Forgets periods that are over, whenever the accounts have doubled: tenants come and go, and hours pass. Open reservations keep theirs.</summary>
    private void Prune(DateTimeOffset now)
    {
        if (_accounts.Count < Math.Max(64, 2 * Volatile.Read(ref _accountsAfterPruning)))
            return;
        foreach (var (key, account) in _accounts)
            if (account.IsCompletedSuccessfully && account.Result.PeriodEnd <= now)
                _accounts.TryRemove(new(key, account));
        Volatile.Write(ref _accountsAfterPruning, _accounts.Count);
    }

    private void RaiseAlerts(CostAccount account, Usd before, Usd after)
    {
        if (AlertRaised is not { } handler)
            return;
        foreach (var (at, percent) in account.Alerts.Reached(before, after))
            handler(this, new BudgetAlert(account.Budget.Name, account.PeriodStart, at, percent, after, account.Budget.Limit, Now));
    }
}
