using TokenBudget.Costs;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>Periods across ten years of boundaries.</summary>
public sealed class BudgetPeriodTests
{
    private static readonly DateTimeOffset Start = new(2025, 12, 31, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(BudgetPeriod.Hour, 87_720)]
    [InlineData(BudgetPeriod.Day, 3_655)]
    [InlineData(BudgetPeriod.Month, 122)]
    public void Every_instant_of_ten_years_is_in_exactly_one_period(BudgetPeriod period, int expected)
    {
        var budget = Budget(1, period);
        var periods = 0;
        var end = Start.AddYears(10).AddDays(3);
        for (var at = Start; at < end;)
        {
            var (from, until) = budget.PeriodOf(at);
            from.ShouldNotBeNull();
            until.ShouldNotBeNull();
            // The first and the last tick, and one between, in four zones of the world.
            foreach (var instant in new[] { from.Value, until.Value.AddTicks(-1), from.Value.AddTicks((until.Value - from.Value).Ticks / 3) })
                foreach (var hours in new[] { -12.0, 0, 5.75, 14 })
                    if (budget.PeriodOf(instant.ToOffset(TimeSpan.FromHours(hours))) != (from, until))
                        Assert.Fail($"{instant} at {hours} is not in {from} to {until}");
            budget.PeriodOf(from.Value.AddTicks(-1)).Until.ShouldBe(from, "no gap and no overlap");
            (from.Value.Offset, until.Value.Offset).ShouldBe((TimeSpan.Zero, TimeSpan.Zero));
            at = until.Value;
            periods++;
        }

        periods.ShouldBe(expected);
    }

    /// <summary>December 2026 to January 2027, and the end of a February: hour, day and month change in one tick.</summary>
    [Theory]
    [InlineData(BudgetPeriod.Hour, "2027-01-01T00:00:00Z")]
    [InlineData(BudgetPeriod.Hour, "2026-10-25T01:00:00Z")]
    [InlineData(BudgetPeriod.Day, "2027-01-01T00:00:00Z")]
    [InlineData(BudgetPeriod.Day, "2026-03-29T00:00:00Z")]
    [InlineData(BudgetPeriod.Month, "2027-01-01T00:00:00Z")]
    [InlineData(BudgetPeriod.Month, "2028-03-01T00:00:00Z")]
    public async Task A_tick_before_a_boundary_is_the_old_period_and_a_tick_after_it_the_new(BudgetPeriod period, string at)
    {
        var boundary = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture);
        var time = new VirtualTimeProvider(boundary.AddTicks(-1));
        var ledger = new InMemoryLedger();
        var tracker = new CostTracker(ledger, time);
        var budget = Budget(1, period);

        await tracker.SpendAsync(1, budget);
        (await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, budget))).ResetsAt.ShouldBe(boundary);
        await BeginsWithAsync(spent: 1, until: boundary);

        time.Advance(TimeSpan.FromTicks(1));
        await BeginsWithAsync(spent: 0, from: boundary);
        await tracker.SpendAsync(0.4m, budget);
        time.Advance(TimeSpan.FromTicks(1));
        await tracker.SpendAsync(0.6m, budget);
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, budget));
        await BeginsWithAsync(spent: 1, from: boundary);

        var line = ledger.ReadAsync(new LedgerQuery { Budget = budget.Name });
        (await line.Select(static line => line.At.Ticks).ToListAsync()).ShouldBe([boundary.Ticks - 1, boundary.Ticks, boundary.Ticks + 1]);
        (await ledger.SumCostAsync(new LedgerQuery { Until = boundary })).ShouldBe(Dollars(1));
        (await ledger.SumCostAsync(new LedgerQuery { From = boundary })).ShouldBe(Dollars(1));

        // Here, and in a process that starts now.
        async Task BeginsWithAsync(decimal spent, DateTimeOffset? from = null, DateTimeOffset? until = null)
        {
            foreach (var each in new[] { tracker, new CostTracker(ledger, time) })
            {
                (await each.ReserveAsync(0, budget)).Dispose();
                var status = each.GetStatus().Single();
                status.Settled.ShouldBe(Dollars(spent));
                (from is null || status.PeriodStart == from, until is null || status.PeriodEnd == until).ShouldBe((true, true));
            }
        }
    }

    /// <summary>Processes that share a ledger have one clock for what they share: the ledger's.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public async Task A_ledger_with_a_clock_decides_which_period_it_is(int minutesOff)
    {
        var now = new DateTimeOffset(2026, 12, 31, 23, 58, 0, TimeSpan.Zero).AddMinutes(minutesOff < 0 ? 3 : 0);
        var ledger = new AheadLedger { Clock = () => now };
        var right = new CostTracker(ledger, new VirtualTimeProvider(now));
        var wrong = new CostTracker(ledger, new VirtualTimeProvider(now.AddMinutes(minutesOff)));
        var budget = Budget(1, BudgetPeriod.Month);

        await right.SpendAsync(0.9m, budget);
        (await Should.ThrowAsync<BudgetExceededException>(() => wrong.ReserveAsync(0.2m, budget))).ResetsAt.ShouldBe(budget.PeriodOf(now).Until);
        await wrong.SpendAsync(0.1m, budget);
        (await wrong.ApproveAsync("budget", Dollars(1))).ShouldBeTrue();
        wrong.GetStatus().Single().PeriodStart.ShouldBe(budget.PeriodOf(now).From);
        (await ledger.ReadAsync(new LedgerQuery()).ToListAsync()).ShouldAllBe(line => line.At == now);
    }

    [Fact]
    public async Task Each_cost_of_ten_years_belongs_to_one_period_and_no_period_is_erased()
    {
        var time = new VirtualTimeProvider(Start.AddHours(23).AddMinutes(59));
        var ledger = new InMemoryLedger();
        var tracker = new CostTracker(ledger, time);
        var budgets = new[] { Budget(2, BudgetPeriod.Hour), Budget(3, BudgetPeriod.Day), Budget(60, BudgetPeriod.Month), Budget(null, BudgetPeriod.Total) };
        var random = new Random(10);
        var spent = 0m;
        while (time.GetUtcNow() < Start.AddYears(10))
        {
            // A call that begins in one period and ends in another.
            var reservation = await tracker.ReserveAsync(budgets, Dollars(1));
            time.Advance(TimeSpan.FromMinutes(random.Next(3)));
            await tracker.SettleAsync(reservation, Entry(1));
            spent++;
            time.Advance(TimeSpan.FromHours(49) + TimeSpan.FromMinutes(random.Next(-2, 3)));
        }

        (await ledger.SumCostAsync(new LedgerQuery())).Dollars.ShouldBe(spent);
        foreach (var budget in budgets.Take(3))
        {
            var sum = 0m;
            for (var at = Start; at < Start.AddYears(10).AddDays(2);)
            {
                var (from, until) = budget.PeriodOf(at);
                if (budget.Period != BudgetPeriod.Hour)
                    sum += (await ledger.SumCostAsync(new LedgerQuery { From = from, Until = until })).Dollars;
                at = until!.Value;
            }

            if (budget.Period != BudgetPeriod.Hour)
                sum.ShouldBe(spent, $"{budget.Period}");
        }

        // A replica that starts now reads the same numbers.
        var replica = new CostTracker(ledger, time);
        foreach (var budget in budgets)
        {
            (await tracker.ReserveAsync(budget, default)).Dispose();
            (await replica.ReserveAsync(budget, default)).Dispose();
        }

        replica.GetStatus().ShouldBe(tracker.GetStatus());
    }
}
