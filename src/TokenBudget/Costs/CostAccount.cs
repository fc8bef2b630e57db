using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>One budget in one period. Not thread-safe: the tracker holds its gate, because a call takes room in several at once.</summary>
internal sealed class CostAccount(CostBudget budget, DateTimeOffset? from, DateTimeOffset? until, Usd settled, Usd approved, AlertLevels alerts, BudgetPause? byHand)
{
    private readonly (Usd Settled, Usd Approved) _opened = (settled, approved);
    private TaskCompletionSource? _moreRoom;
    private DateTimeOffset? _decided = byHand?.At;
    private bool _pauseTold = byHand is not null;
    private long _pauseKnownAt;

    public CostBudget Budget => budget;

    /// <summary>What spending has to reach for an alert.</summary>
    public AlertLevels Alerts => alerts;

    public DateTimeOffset? PeriodStart => from;

    public DateTimeOffset? PeriodEnd => until;

    public Usd Settled { get; private set; } = settled;

    public Usd Reserved { get; private set; }

    /// <summary>What was allowed in this period beyond the limit.</summary>
    public Usd Approved { get; private set; } = approved;

    public bool IsPaused { get; private set; } = byHand is not null;

    /// <summary>The pause, where somebody made it.</summary>
    public BudgetPause? ByHand { get; private set; } = byHand;

    /// <summary>Whether a ledger that decides has told of a pause, and not yet whether somebody made it.</summary>
    public bool IsUnexplained { get; private set; }

    /// <summary>Completes when something may fit that did not before.</summary>
    public Task MoreRoom => (_moreRoom ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public BudgetStatus StatusFor(Usd? limit) => new(budget.Name, budget.Period, from, limit, Settled, Reserved) { PeriodEnd = until, Approved = Approved, IsPaused = IsPaused, PausedByHand = ByHand };

    /// <summary>Whether an amount fits under the limit of a caller, who may share the budget with others that have another one, or none.</summary>
    public bool Fits(Usd amount, Usd? limit)
    {
        var then = (Int128)Settled.PicoDollars + Reserved.PicoDollars + amount.PicoDollars;
        return !IsPaused && then <= (limit is { } some ? (Int128)some.PicoDollars + Approved.PicoDollars : long.MaxValue);
    }

    /// <summary>Whether an amount would fit if nothing was spent or reserved.</summary>
    public bool EverFits(Usd amount, Usd? limit) =>
        limit is not { } some || amount.PicoDollars <= (Int128)some.PicoDollars + Approved.PicoDollars;

    /// <summary>How much of a limit is spent or reserved; above 1 when the limit was lowered.</summary>
    public double ShareOf(Usd limit)
    {
        var most = (double)limit.PicoDollars + Approved.PicoDollars;
        var taken = (double)Settled.PicoDollars + Reserved.PicoDollars;
        return most > 0 ? taken / most : taken > 0 ? double.PositiveInfinity : 1;
    }

    public void Pause() => IsPaused = true;

    /// <summary>When somebody pauses or approves: lines of the ledger in the order in which that happened, however still the clock stands.</summary>
    public DateTimeOffset Decide(DateTimeOffset now)
    {
        var at = now <= _decided ? _decided.Value.AddTicks(1) : now;
        _decided = at;
        return at;
    }

    /// <summary>Somebody pauses it.</summary>
    /// <param name="pause">The pause.</param>
    /// <param name="now">The number of the newest question to a ledger that decides.</param>
    public void Pause(BudgetPause pause, long now)
    {
        _pauseKnownAt = now;
        (IsPaused, IsUnexplained, _pauseTold) = (true, false, true);
        Note(pause);
    }

    /// <summary>Takes over what the ledger's lines say: whether somebody has paused it.</summary>
    /// <param name="pause">The pause that nobody has ended.</param>
    /// <param name="ledgerDecides">Whether the ledger has told already whether it is paused; then this says only by whom.</param>
    /// <param name="asked">When the lines were read, as a number that rises with each question.</param>
    /// <param name="now">The number of the newest question.</param>
    public void Adopt(BudgetPause? pause, bool ledgerDecides, long asked, long now)
    {
        if (asked <= _pauseKnownAt)
            return;
        IsUnexplained = false;
        if (ledgerDecides)
            Note(IsPaused ? pause : null);
        else if (pause is not null)
            Pause(pause, now);
        else if (ByHand is not null)
            EndPause(now);
    }

    /// <summary>Whether there is a pause nobody was told of; true once for each.</summary>
    public bool TakePauseNews()
    {
        var isNews = IsPaused && !_pauseTold;
        _pauseTold |= isNews;
        return isNews;
    }

    /// <summary>What a caller wants of it, for a ledger that decides.</summary>
    public BudgetClaim ClaimOf(CostBudget of) => new(budget.Name, budget.Period, from, until, of.Limit, of.AtLimit == AtLimit.Pause, _opened.Settled, _opened.Approved);

    /// <summary>Takes over how the budget stands for all processes. What others have reserved looks as if it was spent.</summary>
    /// <param name="balance">How it stood when the ledger was asked.</param>
    /// <param name="asked">When that was, as a number that rises with each question.</param>
    /// <param name="now">The number of the newest question.</param>
    public void Adopt(in BudgetBalance balance, long asked, long now)
    {
        Settled = balance.Taken < Reserved ? Usd.Zero : balance.Taken - Reserved;
        // Answers do not come in the order in which they were true. What is approved only grows, and a pause or its end that is known already is newer than a question from before.
        Approved = balance.Approved > Approved ? balance.Approved : Approved;
        if (balance.IsPaused == IsPaused || asked <= _pauseKnownAt)
            return;
        _pauseKnownAt = now;
        (IsPaused, ByHand, IsUnexplained) = (balance.IsPaused, null, balance.IsPaused);
        _pauseTold &= IsPaused;
    }

    public void Hold(Usd amount) => Reserved += amount;

    public void Release(Usd amount)
    {
        Reserved -= amount;
        TellMoreRoom();
    }

    /// <returns>What was settled before and after.</returns>
    public (Usd Before, Usd After) Settle(Usd reserved, Usd cost)
    {
        var before = Settled;
        Reserved -= reserved;
        // What is beyond counting is beyond every limit, too; it must not throw halfway through.
        Settled = Usd.MaxValue - Settled < cost ? Usd.MaxValue : Settled + cost;
        if (cost < reserved)
            TellMoreRoom();
        return (before, Settled);
    }

    /// <summary>Allows more, and ends a pause.</summary>
    /// <param name="extra">How much more.</param>
    /// <param name="now">The number of the newest question to a ledger that decides.</param>
    public void Approve(Usd extra, long now)
    {
        Approved = Usd.MaxValue - Approved < extra ? Usd.MaxValue : Approved + extra;
        EndPause(now);
    }

    /// <summary>What somebody decides next is later, though the clock of the process where that was may be ahead of this one's.</summary>
    private void Note(BudgetPause? pause)
    {
        ByHand = pause;
        if (pause is { At: var at } && !(at <= _decided))
            _decided = at;
    }

    private void EndPause(long now)
    {
        _pauseKnownAt = now;
        (IsPaused, ByHand, IsUnexplained, _pauseTold) = (false, null, false, false);
        TellMoreRoom();
    }

    private void TellMoreRoom()
    {
        _moreRoom?.TrySetResult();
        _moreRoom = null;
    }
}
