using TokenBudget.Costs;
using TokenBudget.Models;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>Budgets that somebody pauses, told apart from those that paused themselves.</summary>
public sealed class PausedByHandTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;
    private readonly VirtualTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 22, 30, 0, TimeSpan.Zero));
    private readonly FailingLedger _ledger = new();

    private CostTracker Tracker() => new(_ledger, _time);

    [Theory]
    [InlineData(AtLimit.Refuse, 1.0)]
    [InlineData(AtLimit.Pause, 1.0)]
    [InlineData(AtLimit.CheaperModel, 1.0)]
    [InlineData(AtLimit.Refuse, null)]
    public async Task Every_call_is_refused_with_the_reason_until_somebody_resumes(AtLimit atLimit, double? limit)
    {
        var tracker = Tracker();
        var budget = Budget((decimal?)limit, BudgetPeriod.Hour) with { AtLimit = atLimit };
        var open = await tracker.ReserveAsync(0.1m, budget);

        (await tracker.PauseAsync("budget", "  the provider is down ")).ShouldBeTrue();

        var refusal = await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(0.01m, budget));
        refusal.Status.PausedByHand.ShouldBe(new BudgetPause(_time.GetUtcNow(), "the provider is down"));
        refusal.Message.ShouldContain("paused by hand at 2026-01-31 22:30:00Z: \"the provider is down\"");
        refusal.Message.ShouldContain("ApproveAsync(\"budget\")");
        await tracker.SettleAsync(open, Entry(0.1m));
        tracker.GetStatus()[0].ShouldSatisfyAllConditions(
            status => status.IsPaused.ShouldBeTrue(), status => status.Settled.ShouldBe(Dollars(0.1m), "what was open is settled"), status => status.PausedByHand.ShouldNotBeNull());

        (await tracker.ApproveAsync("budget")).ShouldBeTrue();
        (await tracker.ReserveAsync(0.01m, budget)).Dispose();
        tracker.GetStatus()[0].ShouldSatisfyAllConditions(status => status.IsPaused.ShouldBeFalse(), status => status.PausedByHand.ShouldBeNull());
    }

    [Fact]
    public async Task It_survives_a_restart_and_the_end_of_the_period_and_so_does_its_end()
    {
        var budget = Budget(1, BudgetPeriod.Hour);
        await Tracker().SpendAsync(0.1m, budget);
        var tracker = Tracker();
        (await tracker.PauseAsync("budget")).ShouldBeFalse("nobody has used it since the start");
        await tracker.SpendAsync(0.1m, budget);
        (await tracker.PauseAsync("budget", "why")).ShouldBeTrue();
        var at = _time.GetUtcNow();

        foreach (var later in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.FromDays(40)])
        {
            _time.Advance(later);
            var refusal = await Should.ThrowAsync<BudgetPausedException>(() => Tracker().ReserveAsync(0.01m, budget));
            refusal.Status.PausedByHand.ShouldBe(new BudgetPause(at, "why"));
            // Nobody has called it in this hour: seen it is, and can be resumed.
            var status = tracker.GetStatus().ShouldHaveSingleItem();
            (status.PausedByHand?.Reason, status.Settled).ShouldBe(("why", later == TimeSpan.Zero ? Dollars(0.2m) : Usd.Zero));
            status.PeriodEnd.ShouldBe(budget.PeriodOf(_time.GetUtcNow()).Until);
        }

        (await tracker.ApproveAsync("budget")).ShouldBeTrue();
        _time.Advance(TimeSpan.FromHours(1));
        tracker.GetStatus().ShouldBeEmpty();
        (await Tracker().ReserveAsync(0.01m, budget)).Dispose();
    }

    /// <summary>The clock stands still between them.</summary>
    [Fact]
    public async Task Pauses_and_approvals_of_one_instant_keep_their_order()
    {
        var budget = Budget(1, BudgetPeriod.Total);
        var tracker = Tracker();
        (await tracker.ReserveAsync(0.1m, budget)).Dispose();
        for (var round = 0; round < 5; round++)
        {
            await tracker.PauseAsync("budget", $"{round}");
            (await Should.ThrowAsync<BudgetPausedException>(() => Tracker().ReserveAsync(0.1m, budget))).Status.PausedByHand!.Reason.ShouldBe($"{round}");
            await tracker.PauseAsync("budget", $"{round} again");
            (await Should.ThrowAsync<BudgetPausedException>(() => Tracker().ReserveAsync(0.1m, budget))).Status.PausedByHand!.Reason.ShouldBe($"{round} again");
            await tracker.ApproveAsync("budget", Dollars(1));
            (await Tracker().ReserveAsync(0.1m, budget)).Dispose();
        }

        tracker.GetStatus()[0].Approved.ShouldBe(Dollars(5));
        (await _ledger.TotalAsync(new LedgerQuery())).ShouldBeEmpty("neither is a request");
    }

    /// <summary>The line that ends a pause is later than the pause, whatever the clock of who ends it says.</summary>
    [Fact]
    public async Task A_process_whose_clock_is_behind_ends_a_pause_for_good()
    {
        var budget = Budget(1, BudgetPeriod.Total);
        var ahead = new VirtualTimeProvider(_time.GetUtcNow().AddMinutes(5));
        var (there, here) = (new CostTracker(_ledger, ahead), Tracker());
        foreach (var tracker in new[] { there, here })
            (await tracker.ReserveAsync(0.1m, budget)).Dispose();
        await there.PauseAsync("budget");
        await here.RefreshAsync("budget", default);
        here.GetStatus()[0].PausedByHand.ShouldBe(there.GetStatus()[0].PausedByHand);

        (await here.ApproveAsync("budget")).ShouldBeTrue();

        await there.RefreshAsync("budget", default);
        foreach (var tracker in new[] { there, here, Tracker() })
            (await tracker.ReserveAsync(0.1m, budget)).Dispose();
    }

    [Fact]
    public async Task It_is_told_apart_from_a_pause_at_the_limit_and_told_when_it_follows_one()
    {
        var tracker = Tracker();
        var told = new List<(bool IsPaused, string? Reason)>();
        tracker.PauseChanged += (_, status) => told.Add((status.IsPaused, status.PausedByHand?.Reason));
        var budget = Budget(1) with { AtLimit = AtLimit.Pause };
        (await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(2, budget))).Status.PausedByHand.ShouldBeNull();
        await tracker.PauseAsync("budget", "first");
        (await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(2, budget))).Status.PausedByHand!.Reason.ShouldBe("first");
        await tracker.ApproveAsync("budget");
        await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(2, budget));

        told.ShouldBe([(true, null), (true, "first"), (false, null), (true, null)]);
    }

    [Fact]
    public async Task Calls_that_wait_wait_for_the_end_of_the_pause_also_through_the_next_period()
    {
        var tracker = Tracker();
        var budget = Budget(1, BudgetPeriod.Hour) with { AtLimit = AtLimit.Wait };
        (await tracker.ReserveAsync(0.1m, budget)).Dispose();
        await tracker.PauseAsync("budget");
        var waiting = tracker.ReserveAsync(0.1m, budget);
        _time.Advance(TimeSpan.FromHours(2));
        await Task.Yield();
        waiting.IsCompleted.ShouldBeFalse();

        // Its wait for the hour before has ended; what it waits for now is this one's.
        await Eventually.TrueAsync(() => _time.PendingTimers == 1);
        (await tracker.ApproveAsync("budget")).ShouldBeTrue();

        (await waiting.WaitAsync(Guard)).Dispose();
    }

    [Fact]
    public async Task A_pause_that_cannot_be_written_does_not_count_and_one_that_is_not_clear_is_refused()
    {
        var tracker = Tracker();
        (await tracker.ReserveAsync(0.1m, Budget(1))).Dispose();
        _ledger.WriteFailure = new IOException();
        await Should.ThrowAsync<IOException>(() => tracker.PauseAsync("budget").AsTask());
        _ledger.WriteFailure = null;
        (await tracker.ReserveAsync(0.1m, Budget(1))).Dispose();

        (await tracker.PauseAsync("nobody's")).ShouldBeFalse();
        (await Should.ThrowAsync<ArgumentException>(() => tracker.PauseAsync("budget", new string('x', 201)).AsTask())).Message.ShouldContain("at most 200 characters; this one has 201");
        await Should.ThrowAsync<ArgumentException>(() => tracker.PauseAsync("budget", "two\nlines").AsTask());
        (await tracker.ReserveAsync(0.1m, Budget(1))).Dispose();
        (await tracker.PauseAsync("budget", new string('x', 200))).ShouldBeTrue();
    }
}
