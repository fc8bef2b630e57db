using TokenBudget.AspNetCore.Monitoring;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.AspNetCore.Tests.Monitoring;

public sealed class SpendingPaceTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 3, 15, 0, 0, 0, TimeSpan.Zero);
    private readonly SpendingPace _pace = new();

    [Fact]
    public void It_goes_on_as_in_the_last_hour()
    {
        // A dollar an hour until noon, then four.
        for (var minute = 0; minute <= 14 * 60; minute++)
            Observe(minute, Spent(minute));

        var forecast = Forecast(14 * 60, Spent(14 * 60))!;

        forecast.UsdPerHour.ShouldBe(4);
        forecast.UsdAtPeriodEnd.ShouldBe(20 + 40);
        // 20 are spent, the limit is 50: 7.5 hours.
        forecast.LimitReachedAt.ShouldBe(Midnight.AddHours(21.5));

        static decimal Spent(int minute) => minute <= 720 ? minute / 60m : 12 + ((minute - 720) / 15m);
    }

    [Fact]
    public void Before_a_minute_nobody_knows()
    {
        Observe(600, 1);

        Forecast(600, 1).ShouldBeNull();
        Forecast(601, 2)!.UsdPerHour.ShouldBe(60);
    }

    [Fact]
    public void A_limit_that_is_not_reached_in_the_period_has_no_time()
    {
        Observe(600, 1);
        Observe(660, 1.5m);

        Forecast(660, 1.5m)!.LimitReachedAt.ShouldBeNull();
        Forecast(660, 1.5m)!.UsdAtPeriodEnd.ShouldBe(1.5m + (0.5m * 13));
    }

    [Fact]
    public void Nothing_spent_is_a_pace_too()
    {
        Observe(600, 3);
        Observe(660, 3);

        Forecast(660, 3).ShouldBe(new Forecast(0, 3, null));
    }

    [Fact]
    public void A_new_period_begins_without_the_pace_of_the_old_one()
    {
        Observe(23 * 60, 1);
        var tomorrow = Budget(0) with { PeriodStart = Midnight.AddDays(1), PeriodEnd = Midnight.AddDays(2) };

        _pace.Observe([tomorrow], Midnight.AddDays(1));

        _pace.Of(tomorrow, Midnight.AddDays(1)).ShouldBeNull();
        Forecast(24 * 60, 2).ShouldBeNull();
    }

    private void Observe(int minute, decimal settled) => _pace.Observe([Budget(settled)], Midnight.AddMinutes(minute));

    private Forecast? Forecast(int minute, decimal settled) => _pace.Of(Budget(settled), Midnight.AddMinutes(minute));

    private static BudgetStatus Budget(decimal settled) =>
        new("support", BudgetPeriod.Day, Midnight, Usd.FromDollars(50), Usd.FromDollars(settled), Usd.Zero) { PeriodEnd = Midnight.AddDays(1) };
}
