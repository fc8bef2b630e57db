using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Conformance;

/// <summary>A ledger that several trackers of one process use as processes use one on a server: it decides what fits their budgets. By the rules as they read, and not fast. Thread-safe.</summary>
public sealed class InMemoryReservationLedger : IReservationLedger, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<LedgerEntry> _lines = [];
    private readonly Dictionary<Guid, List<Account>> _held = [];
    private readonly List<Account> _accounts = [];

    /// <inheritdoc/>
    public bool DecidesBudgets => true;

    /// <summary>Every process ends without a word: what they have reserved stays at the worst case.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            for (var i = 0; i < _lines.Count; i++)
                if (_lines[i].Outcome == LedgerOutcome.Reserved)
                    _lines[i] = _lines[i] with { Outcome = LedgerOutcome.Unsettled };
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BudgetBalance>> ReserveAsync(LedgerEntry line, IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var isThere = _lines.Exists(known => known.Id == line.Id);
            var accounts = claims.Select(AccountOf).ToList();
            var refuses = claims.Select((claim, i) =>
                !isThere && (accounts[i].IsPaused || (Int128)accounts[i].Taken + line.Cost.PicoDollars > (claim.Limit is { } limit ? (Int128)limit.PicoDollars + accounts[i].Approved : long.MaxValue))).ToList();
            for (var i = 0; i < claims.Count; i++)
                accounts[i].IsPaused |= refuses[i] && claims[i].PausesAtLimit;
            if (!isThere && !refuses.Contains(true))
            {
                _lines.Add(line);
                _held.Add(line.Id, accounts);
                foreach (var account in accounts)
                    account.Taken += line.Cost.PicoDollars;
            }

            return new([.. accounts.Select((account, i) => new BudgetBalance(new Usd(account.Taken), new Usd(account.Approved), account.IsPaused, refuses[i]))]);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<BudgetBalance>> ReadBalancesAsync(IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return new([.. claims.Select(AccountOf).Select(static account => new BudgetBalance(new Usd(account.Taken), new Usd(account.Approved), account.IsPaused, Refuses: false))]);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(Guid id, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var open = _lines.FindIndex(line => line.Id == id && line.Outcome == LedgerOutcome.Reserved);
            if (open >= 0)
            {
                Change(id, -_lines[open].Cost.PicoDollars);
                _lines.RemoveAt(open);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var known = _lines.FindIndex(line => line.Id == entry.Id);
            if (known < 0)
            {
                _lines.Add(entry);
                foreach (var account in _accounts.Where(account => account.Claim.Name == entry.Budget && account.Holds(entry.At)))
                    account.Add(entry);
            }
            else if (_lines[known].Outcome is LedgerOutcome.Reserved or LedgerOutcome.Unsettled)
            {
                Change(entry.Id, entry.Cost.PicoDollars - _lines[known].Cost.PicoDollars);
                _lines[known] = entry;
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default) => await (await LinesAsync()).SumCostAsync(query, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(
        LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) => await (await LinesAsync()).TotalAsync(query, by, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var line in (await LinesAsync()).ReadAsync(query, cancellationToken))
            yield return line;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<InMemoryLedger> LinesAsync()
    {
        LedgerEntry[] lines;
        lock (_gate)
            lines = [.. _lines];
        var ledger = new InMemoryLedger();
        foreach (var line in lines)
            await ledger.AppendAsync(line);
        return ledger;
    }

    private Account AccountOf(BudgetClaim claim)
    {
        if (_accounts.Find(account => account.Is(claim)) is not { } account)
        {
            var newest = _lines.Where(line => line.Budget == claim.Name && line.Method == claim.Period.ToString() && line.Outcome is LedgerOutcome.Paused or LedgerOutcome.Approved).MaxBy(static line => line.At);
            _accounts.Add(account = new Account(claim) { Taken = claim.Spent.PicoDollars, Approved = claim.Approved.PicoDollars, IsPaused = newest?.Outcome == LedgerOutcome.Paused });
        }

        return account;
    }

    private void Change(Guid line, long by)
    {
        foreach (var account in _held.GetValueOrDefault(line) ?? [])
            account.Taken += by;
    }

    private sealed class Account(BudgetClaim claim)
    {
        public BudgetClaim Claim => claim;

        public long Taken { get; set; }

        public long Approved { get; set; }

        public bool IsPaused { get; set; }

        public bool Is(BudgetClaim other) => (claim.Name, claim.Period, claim.From) == (other.Name, other.Period, other.From);

        public bool Holds(DateTimeOffset at) => !(at < claim.From) && !(at >= claim.Until);

        public void Add(LedgerEntry entry)
        {
            if (entry.Outcome == LedgerOutcome.Approved && entry.Method == claim.Period.ToString())
                (Approved, IsPaused) = (Approved + entry.Cost.PicoDollars, false);
            else if (entry.Outcome == LedgerOutcome.Paused && entry.Method == claim.Period.ToString())
                IsPaused = true;
            else if (entry.Outcome is LedgerOutcome.Completed or LedgerOutcome.Cancelled or LedgerOutcome.Failed)
                Taken += entry.Cost.PicoDollars;
        }
    }
}
