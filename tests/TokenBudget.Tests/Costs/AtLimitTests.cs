using TokenBudget.Costs;
using TokenBudget.Models;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>What becomes of calls that do not fit: refused, paused, waiting.</summary>
public sealed class AtLimitTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;
    private readonly VirtualTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 22, 30, 0, TimeSpan.Zero));
    private readonly FailingLedger _ledger = new();

    private CostTracker Tracker() => new(_ledger, _time);

    private static CostBudget Of(decimal? limit, AtLimit atLimit, BudgetPeriod period = BudgetPeriod.Hour) => Budget(limit, period) with { AtLimit = atLimit };

    [Fact]
    public async Task A_paused_budget_takes_nothing_until_somebody_approves()
    {
        var tracker = Tracker();
        var budget = Of(1, AtLimit.Pause);
        await tracker.SpendAsync(0.9m, budget);
        var paused = await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(0.2m, budget));
        paused.ShouldSatisfyAllConditions(
            () => paused.Status.Settled.ShouldBe(Dollars(0.9m)),
            () => paused.Requested.ShouldBe(Dollars(0.2m)),
            () => paused.ResetsAt.ShouldBe(new DateTimeOffset(2026, 1, 31, 23, 0, 0, TimeSpan.Zero)),
            () => paused.Message.ShouldContain("ApproveAsync(\"budget\""));
        await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(0.01m, budget), "what would fit must wait, too");
        // Whoever else shares the budget, with a higher limit or none.
        await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(0.01m, Of(null, AtLimit.Refuse)));
        tracker.GetStatus()[0].IsPaused.ShouldBeTrue();

        (await tracker.ApproveAsync("budget", Dollars(0.5m))).ShouldBeTrue();
        await tracker.SpendAsync(0.6m, budget);
        tracker.GetStatus()[0].ShouldSatisfyAllConditions(
            status => status.Approved.ShouldBe(Dollars(0.5m)),
            status => status.Limit.ShouldBe(Dollars(1)),
            status => status.IsPaused.ShouldBeFalse());
        await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(0.01m, budget));
    }

    [Fact]
    public async Task A_pause_and_its_end_are_told_once_each()
    {
        var tracker = Tracker();
        var told = new List<BudgetStatus>();
        tracker.PauseChanged += (_, status) => told.Add(status);
        var budget = Of(1, AtLimit.Pause);
        await tracker.ApproveAsync("budget", Dollars(0.5m));
        await tracker.SpendAsync(1, budget);
        for (var round = 1; round <= 2; round++)
        {
            for (var call = 0; call < 3; call++)
                await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(0.01m, budget));
            told.Count.ShouldBe((2 * round) - 1);
            told[^1].ShouldSatisfyAllConditions(
                status => status.IsPaused.ShouldBeTrue(),
                status => status.Settled.ShouldBe(Dollars(1)),
                status => status.PeriodEnd.ShouldBe(new DateTimeOffset(2026, 1, 31, 23, 0, 0, TimeSpan.Zero)));
            await tracker.ApproveAsync("budget");
            await tracker.ApproveAsync("budget");
            told.Count.ShouldBe(2 * round);
            told[^1].IsPaused.ShouldBeFalse();
        }

        // A call that is refused, and not paused, tells nothing.
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, Of(1, AtLimit.Refuse)));
        told.Count.ShouldBe(4);
    }

    [Fact]
    public async Task The_next_period_begins_without_pause_and_without_what_was_approved()
    {
        var tracker = Tracker();
        var budget = Of(1, AtLimit.Pause);
        await tracker.SpendAsync(1, budget);
        await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(0.01m, budget));
        await tracker.ApproveAsync("budget", Dollars(1));
        _time.Advance(TimeSpan.FromMinutes(30));
        await tracker.SpendAsync(1, budget);
        await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(0.01m, budget));
    }

    [Fact]
    public async Task Raising_the_limit_does_not_resume_and_approving_nothing_does()
    {
        var tracker = Tracker();
        await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(2, Of(1, AtLimit.Pause)));
        await Should.ThrowAsync<BudgetPausedException>(() => tracker.ReserveAsync(2, Of(5, AtLimit.Pause)));
        await tracker.ApproveAsync("budget");
        (await tracker.ReserveAsync(2, Of(5, AtLimit.Pause))).Dispose();
    }

    [Fact]
    public async Task An_approval_is_on_record_and_survives_a_restart()
    {
        var tracker = Tracker();
        await tracker.SpendAsync(1, Budget(1));
        await tracker.ApproveAsync("budget", Dollars(2));
        (await _ledger.LinesAsync()).Where(static line => line.Outcome == LedgerOutcome.Approved).ShouldHaveSingleItem().Cost.ShouldBe(Dollars(2));
        var restarted = Tracker();
        await restarted.SpendAsync(2, Budget(1));
        await Should.ThrowAsync<BudgetExceededException>(() => restarted.ReserveAsync(0.01m, Budget(1)));
        restarted.GetStatus()[0].ShouldSatisfyAllConditions(status => status.Settled.ShouldBe(Dollars(3)), status => status.Approved.ShouldBe(Dollars(2)));
    }

    [Fact]
    public async Task An_approval_that_cannot_be_written_does_not_count()
    {
        var tracker = Tracker();
        await tracker.SpendAsync(1, Budget(1));
        _ledger.WriteFailure = new IOException();
        await Should.ThrowAsync<IOException>(() => tracker.ApproveAsync("budget", Dollars(2)).AsTask());
        _ledger.WriteFailure = null;
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, Budget(1)));
        (await tracker.ApproveAsync("nobody's", Dollars(2))).ShouldBeFalse();
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => tracker.ApproveAsync("budget", Dollars(-1)).AsTask());
    }

    [Fact]
    public async Task A_waiting_call_goes_on_when_the_next_period_begins()
    {
        var tracker = Tracker();
        await tracker.SpendAsync(1, Of(1, AtLimit.Wait));
        var waiting = tracker.ReserveAsync(1, Of(1, AtLimit.Wait));
        _time.Advance(TimeSpan.FromMinutes(29));
        waiting.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(1));
        (await waiting.WaitAsync(Guard)).At.Hour.ShouldBe(23);
        _time.PendingTimers.ShouldBe(0);
    }

    [Theory]
    [InlineData("approve")]
    [InlineData("refund")]
    [InlineData("dispose")]
    public async Task A_waiting_call_goes_on_when_there_is_room(string how)
    {
        var tracker = Tracker();
        var open = await tracker.ReserveAsync(1, Of(1, AtLimit.Wait, BudgetPeriod.Total));
        var waiting = tracker.ReserveAsync(0.5m, Of(1, AtLimit.Wait, BudgetPeriod.Total));
        waiting.IsCompleted.ShouldBeFalse();
        if (how == "approve")
            await tracker.ApproveAsync("budget", Dollars(0.5m));
        else if (how == "refund")
            await tracker.SettleAsync(open, Entry(0.5m));
        else
            open.Dispose();
        (await waiting.WaitAsync(Guard)).Dispose();
    }

    [Fact]
    public async Task Of_many_who_wait_only_those_go_on_that_fit()
    {
        var tracker = Tracker();
        var open = await tracker.ReserveAsync(1, Of(1, AtLimit.Wait, BudgetPeriod.Total));
        var waiting = Enumerable.Range(0, 100).Select(_ => tracker.ReserveAsync(0.25m, Of(1, AtLimit.Wait, BudgetPeriod.Total))).ToList();
        open.Dispose();
        for (var served = 0; served < waiting.Count; served++)
        {
            var next = await Task.WhenAny(waiting.Skip(served)).WaitAsync(Guard);
            var status = tracker.GetStatus()[0];
            (status.Reserved <= Dollars(1)).ShouldBeTrue();
            waiting.Remove(next);
            waiting.Insert(served, next);
            (await next).Dispose();
        }

        tracker.GetStatus()[0].Reserved.ShouldBe(Usd.Zero);
    }

    [Fact]
    public async Task Waiting_ends_with_its_caller_and_does_not_begin_for_what_can_never_fit()
    {
        var tracker = Tracker();
        var budget = Of(1, AtLimit.Wait);
        await tracker.SpendAsync(1, budget);
        using var cancellation = new CancellationTokenSource();
        var waiting = tracker.ReserveAsync(budget, Dollars(1), cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting.WaitAsync(Guard));
        _time.PendingTimers.ShouldBe(0);
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(1.01m, budget).WaitAsync(Guard));
    }
}
