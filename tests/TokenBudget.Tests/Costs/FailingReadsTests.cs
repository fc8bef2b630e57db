using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Sharing;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>A ledger on another machine whose balances cannot be read: callers are told so, however early it is known.</summary>
public sealed class FailingReadsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_that_fails_is_a_ledger_that_is_away_at_once_or_later(bool isLater)
    {
        var time = new VirtualTimeProvider();
        var ledger = new FailingLedger { IsLater = isLater };
        var tracker = new CostTracker(ledger, time);

        var refused = await Should.ThrowAsync<LedgerUnavailableException>(() => tracker.ReserveAsync(1, Budget(10)));
        refused.InnerException.ShouldBeOfType<IOException>().Message.ShouldBe("reset");
        await Should.ThrowAsync<LedgerUnavailableException>(() => tracker.ReserveAsync(1, Budget(10)), "nobody tries again so soon");

        ledger.IsBack = true;
        time.Advance(TimeSpan.FromMilliseconds(250));
        (await tracker.ReserveAsync(1, Budget(10))).Dispose();
    }

    private sealed class FailingLedger : IReservationLedger
    {
        private readonly InMemoryLedger _ledger = new();

        public bool IsLater { get; init; }

        public bool IsBack { get; set; }

        public bool DecidesBudgets => true;

        public async ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default)
        {
            if (IsLater)
                await Task.Yield();
            return IsBack ? await _ledger.SumCostAsync(query, cancellationToken) : throw new IOException("reset");
        }

        public ValueTask<IReadOnlyList<BudgetBalance>> ReserveAsync(LedgerEntry line, IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken = default) =>
            new([new BudgetBalance(Usd.Zero, Usd.Zero, IsPaused: false, Refuses: false)]);

        public ValueTask ReleaseAsync(Guid id, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default) => _ledger.AppendAsync(entry, cancellationToken);

        public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) =>
            _ledger.TotalAsync(query, by, cancellationToken);

        public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default) => _ledger.ReadAsync(query, cancellationToken);
    }
}
