using TokenBudget.Costs;
using TokenBudget.Models;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>Reservation, settlement, periods and alerts of budgets.</summary>
public sealed class CostTrackerTests
{
    private readonly VirtualTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 23, 30, 0, TimeSpan.Zero));
    private readonly FailingLedger _ledger = new();

    private CostTracker Tracker(decimal? alert = null) => new(_ledger, _time, alert is { } some ? Dollars(some) : null);

    [Fact]
    public async Task Of_a_thousand_concurrent_calls_exactly_fifty_fit()
    {
        var tracker = Tracker();
        var budget = Budget(5);
        using var start = new ManualResetEventSlim();
        var refused = 0;
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            async () =>
            {
                start.Wait();
                var mine = new List<CostReservation>();
                for (var call = 0; call < 125; call++)
                {
                    try
                    {
                        mine.Add(await tracker.ReserveAsync(0.10m, budget));
                    }
                    catch (BudgetExceededException)
                    {
                        Interlocked.Increment(ref refused);
                    }
                }

                return mine;
            },
            TaskCreationOptions.LongRunning).Unwrap()).ToList();
        start.Set();
        var reservations = (await Task.WhenAll(workers).WaitAsync(Eventually.Patience)).SelectMany(static mine => mine).ToList();
        reservations.Count.ShouldBe(50);
        refused.ShouldBe(950);
        tracker.GetStatus().ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            status => status.Reserved.ShouldBe(Dollars(5)),
            status => status.Settled.ShouldBe(Usd.Zero));
        await Parallel.ForEachAsync(reservations, async (reservation, _) => await tracker.SettleAsync(reservation, Entry(0.07m)));
        tracker.GetStatus()[0].Settled.ShouldBe(Dollars(3.5m));
        (await _ledger.LinesAsync()).Count.ShouldBe(50);
    }

    [Fact]
    public async Task Spent_and_reserved_never_exceed_the_limit()
    {
        var random = new Random(5);
        var tracker = Tracker();
        var budget = Budget(10);
        var open = new List<CostReservation>();
        for (var step = 0; step < 5_000; step++)
        {
            if (open.Count > 0 && random.Next(2) == 0)
            {
                var index = random.Next(open.Count);
                if (random.Next(3) == 0)
                    open[index].Dispose();
                else
                    await tracker.SettleAsync(open[index], Entry(open[index].Amount.Dollars * random.Next(101) / 100));
                open.RemoveAt(index);
            }
            else
            {
                try
                {
                    open.Add(await tracker.ReserveAsync(random.Next(200) / 100m, budget));
                }
                catch (BudgetExceededException exception)
                {
                    (exception.Status.Settled + exception.Status.Reserved + exception.Requested).ShouldBeGreaterThan(Dollars(10));
                }
            }

            var status = tracker.GetStatus()[0];
            (status.Settled + status.Reserved).ShouldBeLessThanOrEqualTo(Dollars(10));
            status.Reserved.ShouldBe(open.Aggregate(Usd.Zero, static (sum, reservation) => sum + reservation.Amount));
        }
    }

    [Fact]
    public async Task A_refusal_tells_spent_and_reserved_apart_and_when_to_come_back()
    {
        var tracker = Tracker();
        await tracker.SpendAsync(3, Budget(10));
        using var open = await tracker.ReserveAsync(4, Budget(10));
        var exception = await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(3.01m, Budget(10)));
        exception.Status.ShouldSatisfyAllConditions(
            status => status.Settled.ShouldBe(Dollars(3)),
            status => status.Reserved.ShouldBe(Dollars(4)),
            status => status.Limit.ShouldBe(Dollars(10)));
        exception.Requested.ShouldBe(Dollars(3.01m));
        exception.ResetsAt.ShouldBe(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
        exception.Message.ShouldContain("$3.00 spent and $4.00 reserved");
        (await tracker.ReserveAsync(3, Budget(10))).Dispose();
    }

    [Theory]
    [InlineData(BudgetPeriod.Hour, 30)]
    [InlineData(BudgetPeriod.Day, 30)]
    [InlineData(BudgetPeriod.Month, 30)]
    [InlineData(BudgetPeriod.Total, 0)]
    public async Task A_new_period_begins_with_nothing_spent(BudgetPeriod period, int minutes)
    {
        var tracker = Tracker();
        var budget = Budget(1, period);
        await tracker.SpendAsync(1, budget);
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, budget));
        _time.Advance(TimeSpan.FromMinutes(29));
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, budget));
        _time.Advance(TimeSpan.FromMinutes(1));
        if (minutes == 0)
        {
            (await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, budget))).ResetsAt.ShouldBeNull();
            return;
        }

        await tracker.SpendAsync(1, budget);
        tracker.GetStatus().ShouldHaveSingleItem().Settled.ShouldBe(Dollars(1));
    }

    [Fact]
    public async Task A_call_that_ends_in_the_next_period_belongs_to_its_own()
    {
        var tracker = Tracker();
        var late = await tracker.ReserveAsync(1, Budget(1));
        _time.Advance(TimeSpan.FromHours(1));
        await tracker.SettleAsync(late, Entry(1));
        (await tracker.ReserveAsync(1, Budget(1))).Dispose();
        (await _ledger.LinesAsync()).ShouldHaveSingleItem().At.ShouldBe(late.At);
    }

    [Fact]
    public async Task A_reservation_made_while_the_period_changes_is_dated_into_its_period()
    {
        var gate = new TaskCompletionSource();
        _ledger.SumGate = gate.Task;
        var tracker = Tracker();
        _time.Advance(TimeSpan.FromMinutes(29.9));
        var reserving = tracker.ReserveAsync(1, Budget(1));
        _time.Advance(TimeSpan.FromMinutes(5));
        gate.SetResult();
        var reservation = await reserving.WaitAsync(Eventually.Patience);
        await tracker.SettleAsync(reservation, Entry(1));
        (await _ledger.LinesAsync())[0].At.Month.ShouldBe(1, "it took room of the last day of January");
        await Tracker().SpendAsync(1, Budget(1));
    }

    [Fact]
    public async Task A_restart_reads_what_was_spent_from_the_ledger()
    {
        await Tracker().SpendAsync(7, Budget(10));
        await Tracker().SpendAsync(5, Budget(10, name: "another"));
        var restarted = Tracker();
        await Should.ThrowAsync<BudgetExceededException>(() => restarted.ReserveAsync(3.01m, Budget(10)));
        await restarted.SpendAsync(3, Budget(10));
    }

    [Fact]
    public async Task What_was_avoided_is_written_and_not_spent()
    {
        var tracker = Tracker();
        await tracker.RecordAvoidedAsync(Entry(4) with { Outcome = LedgerOutcome.Avoided, At = _time.GetUtcNow(), Budget = "budget" });
        await tracker.SpendAsync(1, Budget(1));
        (await _ledger.LinesAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_first_settlement_counts_and_gives_the_rest_back()
    {
        var tracker = Tracker();
        var reservation = await tracker.ReserveAsync(8, Budget(10));
        await tracker.SettleAsync(reservation, Entry(2));
        await tracker.SettleAsync(reservation, Entry(8));
        reservation.Dispose();
        tracker.GetStatus()[0].ShouldSatisfyAllConditions(
            status => status.Settled.ShouldBe(Dollars(2)),
            status => status.Reserved.ShouldBe(Usd.Zero));
        var line = (await _ledger.LinesAsync()).ShouldHaveSingleItem();
        (line.Id, line.Budget, line.At).ShouldBe((reservation.Id, "budget", reservation.At));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => tracker.ReserveAsync(-1, Budget(10)));
    }

    [Fact]
    public async Task A_cost_above_its_reservation_is_counted_all_the_same()
    {
        var tracker = Tracker();
        await tracker.SettleAsync(await tracker.ReserveAsync(1, Budget(2)), Entry(3));
        tracker.GetStatus()[0].Settled.ShouldBe(Dollars(3));
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, Budget(2)));
    }

    [Fact]
    public async Task Whoever_names_a_budget_shares_its_spending_under_its_own_limit()
    {
        var tracker = Tracker();
        await tracker.SpendAsync(4, Budget(10));
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(2, Budget(5)));
        await tracker.SpendAsync(6, Budget(null));
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, Budget(10)));
    }

    [Fact]
    public async Task Each_threshold_alerts_once_in_a_period()
    {
        var tracker = Tracker(alert: 7);
        var alerts = new List<BudgetAlert>();
        tracker.AlertRaised += (_, alert) => alerts.Add(alert);
        for (var call = 0; call < 20; call++)
            await tracker.SpendAsync(0.5m, Budget(10));
        alerts.Select(static alert => alert.Percent).ShouldBe([50, null, 80, 90, 100]);
        alerts.Select(static alert => alert.Threshold.Dollars).ShouldBe([5, 7, 8, 9, 10]);
        alerts[0].ShouldSatisfyAllConditions(
            alert => alert.Settled.ShouldBe(Dollars(5)),
            alert => alert.Limit.ShouldBe(Dollars(10)),
            alert => alert.PeriodStart!.Value.Day.ShouldBe(31));
        _time.Advance(TimeSpan.FromHours(1));
        alerts.Clear();
        await tracker.SpendAsync(10, Budget(10));
        alerts.Select(static alert => alert.Percent).ShouldBe([50, 80, 90, 100, null]);
    }

    [Fact]
    public async Task A_restart_alerts_of_nothing_twice()
    {
        var alerts = new List<BudgetAlert>();
        for (var restart = 0; restart < 4; restart++)
        {
            var tracker = Tracker();
            tracker.AlertRaised += (_, alert) => alerts.Add(alert);
            await tracker.SpendAsync(2.5m, Budget(10));
        }

        alerts.Select(static alert => alert.Percent).ShouldBe([50, 80, 90, 100]);
    }

    [Fact]
    public async Task Concurrent_settlements_alert_once()
    {
        var tracker = Tracker(alert: 25);
        var alerts = new System.Collections.Concurrent.ConcurrentBag<BudgetAlert>();
        tracker.AlertRaised += (_, alert) => alerts.Add(alert);
        await Parallel.ForAsync(0, 500, async (_, _) => await tracker.SpendAsync(0.1m, Budget(50)));
        alerts.Count.ShouldBe(5);
        alerts.Select(static alert => (alert.Percent, alert.Threshold)).Distinct().Count().ShouldBe(5);
    }
}
