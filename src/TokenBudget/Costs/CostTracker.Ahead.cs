using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <content>Requests that stand in the ledger before they are sent.</content>
public sealed partial class CostTracker
{
    // Others give room back without telling.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private readonly IReservationLedger? _ahead;
    private readonly LedgerWatch _watch;
    private long _questions;

    /// <summary>Periods are those of all who share the ledger.</summary>
    private DateTimeOffset Now => _ahead?.Now ?? _time.GetUtcNow();

    /// <summary>Looks how budgets stand in a ledger that several processes use: another may have paused one, by hand or not, or let it go on.</summary>
    /// <param name="budget">The budget's name; <see langword="null"/>, all that are in use.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    internal async Task RefreshAsync(string? budget, CancellationToken cancellationToken)
    {
        var accounts = CurrentAccounts(Now, budget);
        if (accounts.Count == 0)
            return;
        List<(bool IsPaused, BudgetPause? ByHand)> before;
        lock (_gate)
            before = accounts.ConvertAll(static account => (account.IsPaused, account.ByHand));
        if (_ahead is { DecidesBudgets: true })
        {
            var asked = Interlocked.Increment(ref _questions);
            var balances = await _ahead.ReadBalancesAsync([.. accounts.Select(static account => account.ClaimOf(account.Budget))], cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                for (var i = 0; i < accounts.Count; i++)
                    accounts[i].Adopt(balances[i], asked, Volatile.Read(ref _questions));
            }
        }

        for (var i = 0; i < accounts.Count; i++)
        {
            // By whom, where the ledger has told that it is paused; otherwise whether.
            if (accounts[i].IsPaused || _ahead is not { DecidesBudgets: true })
                await LookForPauseAsync(accounts[i], cancellationToken).ConfigureAwait(false);
            BudgetStatus? changed = null;
            lock (_gate)
            {
                if (accounts[i].TakePauseNews() | before[i] != (accounts[i].IsPaused, accounts[i].ByHand))
                    changed = accounts[i].StatusFor(accounts[i].Budget.Limit);
            }

            if (changed is not null)
                PauseChanged?.Invoke(this, changed);
        }
    }

    private async Task LookForPauseAsync(CostAccount account, CancellationToken cancellationToken)
    {
        var asked = Interlocked.Increment(ref _questions);
        var pause = await ReadPauseAsync(account.Budget, cancellationToken).ConfigureAwait(false);
        lock (_gate)
            account.Adopt(pause, _ahead is { DecidesBudgets: true }, asked, Volatile.Read(ref _questions));
    }

    /// <summary>A ledger that decides says that a budget is paused, and not by whom: that is in its lines, which are read once for each pause.</summary>
    private async ValueTask<BudgetPausedException> ExplainAsync(BudgetPausedException refusal, CostAccount account, CancellationToken cancellationToken)
    {
        if (!account.IsUnexplained)
            return refusal;
        try
        {
            await _watch.RunAsync(
                LedgerQuestion.Balances,
                async stop =>
                {
                    await LookForPauseAsync(account, stop).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerUnavailableException)
        {
            // Refused it is all the same.
            return refusal;
        }

        BudgetPause? byHand;
        lock (_gate)
            byHand = account.ByHand;
        return byHand is null ? refusal : new BudgetPausedException(refusal.Status with { PausedByHand = byHand }, refusal.Requested, refusal.ResetsAt);
    }

    /// <summary>Writes the worst case of a request that has room here, or asks for room where several processes share the ledger.</summary>
    /// <returns>Whether it is written; otherwise what it did not fit.</returns>
    private async ValueTask<(TokenBudgetException? Refusal, CostAccount? RefusedBy, Task? MoreRoom)> WriteAheadAsync(
        IReadOnlyList<CostBudget> budgets, CostReservation reservation, CancellationToken cancellationToken)
    {
        var (accounts, line) = (reservation.Accounts, reservation.Line!);
        if (!_ahead!.DecidesBudgets)
        {
            if (!TryHold(budgets, accounts, line.Cost, out var refusal, out var refusedBy, out var moreRoom))
                return (refusal, refusedBy, moreRoom);
            try
            {
                await _ahead.ReserveAsync(line, [], CancellationToken.None).ConfigureAwait(false);
                return default;
            }
            catch (Exception exception)
            {
                ReleaseLocally(accounts, line.Cost);
                Withdraw(line);
                throw new LedgerUnavailableException(exception);
            }
        }

        var claims = new BudgetClaim[budgets.Count];
        for (var i = 0; i < claims.Length; i++)
            claims[i] = accounts[i].ClaimOf(budgets[i]);
        var asked = Interlocked.Increment(ref _questions);
        IReadOnlyList<BudgetBalance> balances;
        try
        {
            balances = await _watch.RunAsync(LedgerQuestion.Reserve, stop => _ahead.ReserveAsync(line, claims, stop).AsTask(), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // It may be written, now or later.
            Withdraw(line);
            throw;
        }

        var resumed = new List<BudgetStatus>();
        try
        {
            lock (_gate)
                return Adopt(budgets, accounts, line.Cost, balances, asked, resumed, cancellationToken);
        }
        finally
        {
            foreach (var status in resumed)
                PauseChanged?.Invoke(this, status);
        }
    }

    /// <summary>Takes over what the ledger has decided.</summary>
    private (TokenBudgetException? Refusal, CostAccount? RefusedBy, Task? MoreRoom) Adopt(
        IReadOnlyList<CostBudget> budgets, CostAccount[] accounts, Usd amount, IReadOnlyList<BudgetBalance> balances, long asked, List<BudgetStatus> resumed, CancellationToken cancellationToken)
    {
        var isRefused = balances.Any(static balance => balance.Refuses);
        for (var i = 0; i < accounts.Length; i++)
        {
            if (!isRefused)
                accounts[i].Hold(amount);
            var wasPaused = accounts[i].IsPaused;
            accounts[i].Adopt(balances[i], asked, Volatile.Read(ref _questions));
            // Somebody approved in another process.
            if (wasPaused && !accounts[i].IsPaused)
                resumed.Add(accounts[i].StatusFor(budgets[i].Limit));
        }

        for (var i = 0; i < accounts.Length; i++)
            if (balances[i].Refuses)
                return (RefusalOf(accounts[i], budgets[i], amount, balances[i].IsPaused), accounts[i], WaitsFor(accounts[i], budgets[i], amount) ? Task.Delay(LookAgain, _time, cancellationToken) : null);
        return default;
    }

    /// <summary>Takes back a line that may or may not be written: one that costs nothing stands for it, whichever of the two arrives first.</summary>
    private void Withdraw(LedgerEntry line) => _unwritten.Add(line with { Outcome = LedgerOutcome.Failed, Cost = default, Usage = default, IsEstimate = false });

    private async Task ReleaseAheadAsync(CostReservation reservation)
    {
        try
        {
            await _ahead!.ReleaseAsync(reservation.Id).ConfigureAwait(false);
        }
        catch (Exception)
        {
            Withdraw(reservation.Line!);
        }
    }

    private void ReleaseLocally(CostAccount[] accounts, Usd amount)
    {
        lock (_gate)
        {
            foreach (var account in accounts)
                account.Release(amount);
        }
    }

    /// <summary>A ledger in which requests are written ahead refuses them all in the same way: neither is this one written ahead as long as another waits.</summary>
    private async ValueTask WriteUnwrittenFirstAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WriteUnwrittenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (_ahead is not null && exception is not TokenBudgetException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new LedgerUnavailableException(exception);
        }
    }

    /// <summary>Writes what could not be written before, bounded in time where the ledger is on another machine.</summary>
    private ValueTask WriteUnwrittenAsync(CancellationToken cancellationToken) =>
        _ahead is { DecidesBudgets: true } && _unwritten.Waiting > 0 ? WriteWatchedAsync(cancellationToken) : _unwritten.WriteAsync(cancellationToken);

    private async Task<bool> WriteAsync(LedgerEntry line, CancellationToken cancellationToken)
    {
        await _ledger.AppendAsync(line, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask WriteWatchedAsync(CancellationToken cancellationToken) =>
        // Not to be stopped halfway: a line is written or goes back.
        await _watch.RunAsync(
            LedgerQuestion.Write,
            async _ =>
            {
                await _unwritten.WriteAsync(CancellationToken.None).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
}
