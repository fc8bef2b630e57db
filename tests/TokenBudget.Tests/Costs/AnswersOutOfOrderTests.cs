using TokenBudget.Costs;
using TokenBudget.Models;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>A ledger that decides answers several questions at once, and an older truth may arrive after a newer one.</summary>
public sealed class AnswersOutOfOrderTests
{
    private static readonly CostBudget Budget = Budget(10) with { AtLimit = AtLimit.Pause };

    [Fact]
    public async Task An_older_answer_ends_no_pause_and_begins_none()
    {
        var ledger = new SlowLedger();
        var tracker = new CostTracker(ledger, new VirtualTimeProvider());
        var told = new List<bool>();
        tracker.PauseChanged += (_, status) => told.Add(status.IsPaused);

        var first = tracker.ReserveAsync(Budget, Dollars(1)).AsTask();
        var second = tracker.ReserveAsync(Budget, Dollars(10)).AsTask();
        ledger.Answer(1, new BudgetBalance(Dollars(1), Usd.Zero, IsPaused: true, Refuses: true));
        await Should.ThrowAsync<BudgetPausedException>(second);
        ledger.Answer(0, new BudgetBalance(Dollars(1), Usd.Zero, IsPaused: false, Refuses: false));
        (await first).Dispose();
        tracker.GetStatus().Single().IsPaused.ShouldBeTrue("the answer was true before the pause");

        var third = tracker.ReserveAsync(Budget, Dollars(1)).AsTask();
        (await tracker.ApproveAsync(Budget.Name, Dollars(5))).ShouldBeTrue();
        ledger.Answer(2, new BudgetBalance(Usd.Zero, Usd.Zero, IsPaused: true, Refuses: true));
        await Should.ThrowAsync<BudgetPausedException>(third, "it was asked before somebody approved");
        var status = tracker.GetStatus().Single();
        (status.IsPaused, status.Approved).ShouldBe((false, Dollars(5)));

        // What is asked now is newer than all of that: somebody else paused it again, and approved more.
        var fourth = tracker.ReserveAsync(Budget, Dollars(1)).AsTask();
        ledger.Answer(3, new BudgetBalance(Usd.Zero, Dollars(7), IsPaused: true, Refuses: true));
        await Should.ThrowAsync<BudgetPausedException>(fourth);
        status = tracker.GetStatus().Single();
        (status.IsPaused, status.Approved).ShouldBe((true, Dollars(7)));
        told.ShouldBe([true, false, true]);
    }

    private sealed class SlowLedger : IReservationLedger
    {
        private readonly InMemoryLedger _ledger = new();
        private readonly List<TaskCompletionSource<IReadOnlyList<BudgetBalance>>> _questions = [];

        public bool DecidesBudgets => true;

        public void Answer(int question, BudgetBalance balance) => _questions[question].SetResult([balance]);

        public ValueTask<IReadOnlyList<BudgetBalance>> ReserveAsync(LedgerEntry line, IReadOnlyList<BudgetClaim> claims, CancellationToken cancellationToken = default)
        {
            _questions.Add(new TaskCompletionSource<IReadOnlyList<BudgetBalance>>());
            return new(_questions[^1].Task);
        }

        public ValueTask ReleaseAsync(Guid id, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask AppendAsync(LedgerEntry entry, CancellationToken cancellationToken = default) => _ledger.AppendAsync(entry, cancellationToken);

        public ValueTask<Usd> SumCostAsync(LedgerQuery query, CancellationToken cancellationToken = default) => _ledger.SumCostAsync(query, cancellationToken);

        public ValueTask<IReadOnlyList<LedgerTotal>> TotalAsync(LedgerQuery query, LedgerGrouping by = LedgerGrouping.Agent | LedgerGrouping.Model, CancellationToken cancellationToken = default) =>
            _ledger.TotalAsync(query, by, cancellationToken);

        public IAsyncEnumerable<LedgerEntry> ReadAsync(LedgerQuery query, CancellationToken cancellationToken = default) => _ledger.ReadAsync(query, cancellationToken);
    }
}
