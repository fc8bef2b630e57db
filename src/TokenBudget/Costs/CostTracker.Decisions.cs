using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <content>What somebody decides about a budget, as lines of the ledger: a pause by hand, and what is approved.</content>
public sealed partial class CostTracker
{
    /// <summary>
    /// Lets a budget spend more in its current period than its limit, and ends its pause. The approval is a line of the ledger, written before it
    /// counts, so that it is on record and survives a restart.
    /// </summary>
    /// <param name="budget">The budget's name, as in <see cref="GetStatus"/>.</param>
    /// <param name="extra">How much more; zero only ends the pause. Not negative.</param>
    /// <param name="cancellationToken">Cancels writing the ledger.</param>
    /// <returns>Whether a budget of that name is in use in its current period, or an agent of this process has it. If the name is used for several periods, each gets the amount.</returns>
    public async ValueTask<bool> ApproveAsync(string budget, Usd extra = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentOutOfRangeException.ThrowIfLessThan(extra, Usd.Zero);
        var now = Now;
        var current = await OpenCurrentAsync(budget, now, cancellationToken).ConfigureAwait(false);
        foreach (var account in current)
        {
            Usd before;
            DateTimeOffset at;
            lock (_gate)
                (before, at) = (account.Approved, account.Decide(now));
            await _ledger.AppendAsync(DecisionOn(account.Budget, LedgerOutcome.Approved, at) with { Cost = extra }, cancellationToken).ConfigureAwait(false);
            BudgetStatus? resumed = null;
            lock (_gate)
            {
                var wasPaused = account.IsPaused;
                // A ledger that decides may have told it meanwhile, with the answer to a request.
                account.Approve(_ahead is { DecidesBudgets: true } && account.Approved != before ? Usd.Zero : extra, Volatile.Read(ref _questions));
                if (wasPaused)
                    resumed = account.StatusFor(account.Budget.Limit);
            }

            if (resumed is not null)
                PauseChanged?.Invoke(this, resumed);
        }

        return current.Count > 0;
    }

    /// <summary>
    /// Pauses a budget by hand: from now on its calls end in a <see cref="BudgetPausedException"/> with the reason (of <see cref="AtLimit.Wait"/>: wait), until somebody resumes it with
    /// <see cref="ApproveAsync"/>. Calls that are open go on. The pause is a line of the ledger, written before it counts: it survives a restart and the end of the period, and holds for all
    /// processes that share the ledger.
    /// </summary>
    /// <param name="budget">The budget's name, as in <see cref="GetStatus"/>.</param>
    /// <param name="reason">Why, for those who are refused: one line of at most <see cref="BudgetPause.MaxReasonLength"/> characters. It is shown and logged.</param>
    /// <param name="cancellationToken">Cancels writing the ledger.</param>
    /// <returns>Whether a budget of that name is in use in its current period, or an agent of this process has it. If the name is used for several periods, each is paused.</returns>
    /// <exception cref="ArgumentException">The reason is longer, or has control characters.</exception>
    public async ValueTask<bool> PauseAsync(string budget, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(budget);
        reason = BudgetPause.ReasonOf(reason);
        var now = Now;
        var current = await OpenCurrentAsync(budget, now, cancellationToken).ConfigureAwait(false);
        foreach (var account in current)
        {
            DateTimeOffset at;
            lock (_gate)
                at = account.Decide(now);
            await _ledger.AppendAsync(DecisionOn(account.Budget, LedgerOutcome.Paused, at) with { Model = reason ?? string.Empty }, cancellationToken).ConfigureAwait(false);
            BudgetStatus paused;
            lock (_gate)
            {
                account.Pause(new BudgetPause(at, reason), Volatile.Read(ref _questions));
                paused = account.StatusFor(account.Budget.Limit);
            }

            PauseChanged?.Invoke(this, paused);
        }

        return current.Count > 0;
    }

    /// <summary>The pause by hand that nobody has ended, in whatever period that was.</summary>
    private async Task<BudgetPause?> ReadPauseAsync(CostBudget budget, CancellationToken cancellationToken)
    {
        LedgerEntry? newest = null;
        var pauses = new LedgerQuery { Budget = budget.Name, Method = budget.Period.ToString(), Outcome = LedgerOutcome.Paused };
        await foreach (var line in _ledger.ReadAsync(pauses, cancellationToken).ConfigureAwait(false))
            newest = line;
        if (newest is null)
            return null;
        await foreach (var _ in _ledger.ReadAsync(pauses with { Outcome = LedgerOutcome.Approved, From = newest.At.AddTicks(1) }, cancellationToken).ConfigureAwait(false))
            return null;
        return new BudgetPause(newest.At, newest.Model.Length == 0 ? null : newest.Model);
    }

    /// <summary>Says which budget and, where a method's name stands otherwise, which period was meant.</summary>
    private static LedgerEntry DecisionOn(CostBudget budget, LedgerOutcome outcome, DateTimeOffset at) => new()
    {
        Id = Guid.NewGuid(),
        At = at,
        Agent = string.Empty,
        Method = budget.Period.ToString(),
        Model = string.Empty,
        Budget = budget.Name,
        Outcome = outcome,
    };
}
