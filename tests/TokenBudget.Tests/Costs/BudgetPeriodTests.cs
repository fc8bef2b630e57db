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
