using Shouldly;
using TokenBudget.Costs;
using TokenBudget.Models;
using Xunit;

namespace TokenBudget.Conformance;

/// <summary>What every ledger promises in which requests stand before they are sent. A store's test project derives from it.</summary>
public abstract class ReservationConformance : IAsyncLifetime
{
    private static readonly LedgerQuery Everything = new();
    private static readonly CostBudget Budget = new("b", new Usd(1_000), BudgetPeriod.Total);

    private IReservationLedger _ledger = null!;

    /// <summary>A ledger that nobody has written to.</summary>
    protected abstract Task<IReservationLedger> CreateAsync();

    /// <summary>Another ledger on the same data, as a process finds it after this one has ended without a word.</summary>
    protected abstract Task<IReservationLedger> ReopenAfterKillAsync(IReservationLedger ledger);

    public async Task InitializeAsync() => _ledger = await CreateAsync();

    public virtual async Task DisposeAsync() => await ((IAsyncDisposable)_ledger).DisposeAsync();

    [ConformanceFact]
    public async Task A_reserved_line_counts_as_spent_and_its_settlement_replaces_it()
    {
        var line = Line(100);
        await ReserveAsync(line);
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(100));
        (await _ledger.TotalAsync(Everything)).ShouldBeEmpty("it is not spent yet");

        var settled = line with { Outcome = LedgerOutcome.Completed, Cost = new Usd(30), IsEstimate = false, Usage = new TokenUsage { FreshInput = 7 }, Model = "another" };
        for (var i = 0; i < 3; i++)
            await _ledger.AppendAsync(settled);
        await _ledger.AppendAsync(settled with { Cost = new Usd(1) });
        await ReserveAsync(line);
        await _ledger.ReleaseAsync(line.Id);

        (await ReadAsync()).ShouldBe([settled]);
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(30));
    }

    [ConformanceFact]
    public async Task A_released_line_is_gone()
    {
        var line = Line(100);
        await ReserveAsync(line);
        await ReserveAsync(line);
        await _ledger.ReleaseAsync(line.Id);
        await _ledger.ReleaseAsync(Guid.NewGuid());

        (await ReadAsync()).ShouldBeEmpty();
    }

    /// <summary>Whoever has waited too long for the answer writes that nothing was spent; what was asked may be done after that.</summary>
    [ConformanceFact]
    public async Task A_reservation_that_arrives_after_it_was_withdrawn_reserves_nothing()
    {
        var line = Line(100);
        await _ledger.AppendAsync(line with { Outcome = LedgerOutcome.Failed, Cost = default });
        await ReserveAsync(line);

        (await _ledger.SumCostAsync(Everything)).ShouldBe(Usd.Zero);
    }

    [ConformanceFact]
    public async Task What_a_killed_process_has_reserved_stays_at_the_worst_case_and_is_said_to_be_unsettled()
    {
        var (open, done) = (Line(100), Line(50));
        await ReserveAsync(open);
        await ReserveAsync(done);
        await _ledger.AppendAsync(done with { Outcome = LedgerOutcome.Completed, Cost = new Usd(20) });

        _ledger = await ReopenAfterKillAsync(_ledger);

        (await ReadAsync()).Single(line => line.Id == open.Id).ShouldBe(open with { Outcome = LedgerOutcome.Unsettled });
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(120));
        (await _ledger.TotalAsync(Everything)).Single().Cost.ShouldBe(new Usd(120), "it counts until something better is known");

        await _ledger.ReleaseAsync(open.Id);
        await _ledger.AppendAsync(open with { Outcome = LedgerOutcome.Completed, Cost = new Usd(60) });
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(80));
    }

    [ConformanceFact]
    public async Task A_tracker_reserves_settles_and_gives_back_through_the_ledger()
    {
        var tracker = new CostTracker(_ledger);
        var first = await tracker.ReservePatientlyAsync(Budget, new Usd(600));
        await Should.ThrowAsync<BudgetExceededException>(async () => await tracker.ReservePatientlyAsync(Budget, new Usd(401)));
        (await ReadAsync()).Single().Outcome.ShouldBe(LedgerOutcome.Reserved);
        await tracker.SettlePatientlyAsync(first, Line(0) with { Cost = new Usd(100), Outcome = LedgerOutcome.Completed });
        var second = await tracker.ReservePatientlyAsync(Budget, new Usd(900));
        (tracker.GetStatus().Single().Settled, tracker.GetStatus().Single().Reserved).ShouldBe((new Usd(100), new Usd(900)));

        second.Dispose();
        for (var patience = 0; (await ReadAsync()).Count > 1; patience++)
        {
            patience.ShouldBeLessThan(500);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        (await tracker.ReservePatientlyAsync(Budget, new Usd(900))).Amount.ShouldBe(new Usd(900));
        (await ReadAsync()).Single(line => line.Outcome == LedgerOutcome.Completed).Id.ShouldBe(first.Id);
    }

    /// <summary>Callers come before, during and after it; afterwards exactly as much is spent as the limit and what was approved allow.</summary>
    [ConformanceFact]
    public async Task An_approval_that_races_with_callers_adds_its_amount_once()
    {
        var budget = Budget with { AtLimit = AtLimit.Pause };
        var tracker = new CostTracker(_ledger);
        var admitted = 0;
        await CallAsync(20);
        admitted.ShouldBe(10);
        tracker.GetStatus().Single().IsPaused.ShouldBeTrue();

        await Task.WhenAll(CallAsync(10), ApproveAsync(), CallAsync(10));
        tracker.GetStatus().Single().Approved.ShouldBe(new Usd(500));
        await CallAsync(10);

        admitted.ShouldBe(15);
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(1_500));
        (await ReadAsync()).Where(static line => line.Outcome == LedgerOutcome.Approved).ShouldHaveSingleItem().Cost.ShouldBe(new Usd(500));
        tracker.GetStatus().Single().Approved.ShouldBe(new Usd(500));

        async Task ApproveAsync()
        {
            (await tracker.ApproveAsync("b", new Usd(500))).ShouldBeTrue();
            tracker.GetStatus().Single().Approved.ShouldBe(new Usd(500), "and not once more for what the ledger has told meanwhile");
        }

        Task CallAsync(int callers) => Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            try
            {
                using var reservation = await tracker.ReservePatientlyAsync(budget, new Usd(100));
                await tracker.SettleAsync(reservation, Line(0) with { Cost = new Usd(100), Outcome = LedgerOutcome.Completed });
                Interlocked.Increment(ref admitted);
            }
            catch (BudgetPausedException)
            {
            }
        })));
    }

    [ConformanceFact]
    public async Task A_thousand_callers_of_ten_cents_spend_exactly_five_dollars()
    {
        var budget = new CostBudget("b", Usd.FromDollars(5), BudgetPeriod.Day);
        var tracker = new CostTracker(_ledger);
        var admitted = 0;
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(async _ =>
        {
            try
            {
                using var reservation = await tracker.ReservePatientlyAsync(budget, Usd.FromDollars(0.1m));
                await tracker.SettlePatientlyAsync(reservation, Line(0) with { Cost = Usd.FromDollars(0.1m), Outcome = LedgerOutcome.Completed });
                Interlocked.Increment(ref admitted);
            }
            catch (BudgetExceededException)
            {
            }
        }));

        admitted.ShouldBe(50);
        // What could not be written at once is written before anything else.
        (await tracker.ReservePatientlyAsync(budget, Usd.Zero)).Dispose();
        (await _ledger.SumCostAsync(Everything)).ShouldBe(Usd.FromDollars(5));
    }

    [ConformanceFact]
    public async Task How_budgets_stand_can_be_looked_at_without_asking_for_anything()
    {
        var line = Line(100);
        BudgetClaim[] claims = [ClaimOf("b"), ClaimOf("unused") with { Spent = new Usd(7), Approved = new Usd(8) }];
        await ReserveAsync(line);

        var balances = await _ledger.ReadBalancesAsync(claims);

        balances.ShouldBe(_ledger.DecidesBudgets ? [new BudgetBalance(new Usd(100), Usd.Zero, false, false), new BudgetBalance(new Usd(7), new Usd(8), false, false)] : []);
        (await _ledger.ReadBalancesAsync([])).ShouldBeEmpty();
        (await ReadAsync()).ShouldBe([line]);
    }

    /// <summary>Whoever decides, the pause and its reason are in the lines: a process that was not there finds them, in later periods as well.</summary>
    [ConformanceFact]
    public async Task A_pause_by_hand_holds_with_its_reason_for_who_comes_later_and_so_does_its_end()
    {
        CostBudget[] budgets = [Budget, Budget with { Period = BudgetPeriod.Day }, Budget with { Name = "never called before the pause", Period = BudgetPeriod.Month }];
        var tracker = new CostTracker(_ledger);
        foreach (var budget in budgets[..2])
            (await tracker.ReservePatientlyAsync(budget, new Usd(1))).Dispose();
        (await tracker.PauseAsync("b", "why \ud800")).ShouldBeTrue();

        foreach (var process in (CostTracker[])[tracker, new(_ledger), new(_ledger)])
            foreach (var budget in budgets[..2])
            {
                var refusal = await Should.ThrowAsync<BudgetPausedException>(() => process.ReservePatientlyAsync(budget, new Usd(1)));
                refusal.Status.PausedByHand.ShouldNotBeNull().Reason.ShouldBe("why \ud800");
                process.GetStatus().Single(status => status.Period == budget.Period).PausedByHand.ShouldBe(refusal.Status.PausedByHand);
            }

        (await tracker.ReservePatientlyAsync(budgets[2], new Usd(1))).Dispose();
        // An approval of one period ends its pause, and no other's.
        await _ledger.AppendAsync(Line(0) with { At = TimeProvider.System.GetUtcNow().AddSeconds(1), Method = nameof(BudgetPeriod.Day), Outcome = LedgerOutcome.Approved, IsEstimate = false });
        var later = new CostTracker(_ledger);
        (await later.ReservePatientlyAsync(budgets[1], new Usd(1))).Dispose();
        await Should.ThrowAsync<BudgetPausedException>(() => later.ReservePatientlyAsync(budgets[0], new Usd(1)));
        (await later.ApproveAsync("b")).ShouldBeTrue();
        (await new CostTracker(_ledger).ReservePatientlyAsync(budgets[0], new Usd(1))).Dispose();
    }

    private async Task ReserveAsync(LedgerEntry line) => await _ledger.ReserveAsync(
        line, [ClaimOf("b")]);

    private static BudgetClaim ClaimOf(string budget) => new(budget, BudgetPeriod.Total, null, null, new Usd(1_000), PausesAtLimit: false, Usd.Zero, Usd.Zero);

    private async Task<List<LedgerEntry>> ReadAsync() => await _ledger.ReadAsync(Everything).ToListAsync();

    private static LedgerEntry Line(long cost) => new()
    {
        Id = Guid.NewGuid(),
        At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Agent = "agent",
        Method = "method",
        Model = "model",
        Budget = "b",
        Outcome = LedgerOutcome.Reserved,
        Cost = new Usd(cost),
        IsEstimate = true,
    };
}
