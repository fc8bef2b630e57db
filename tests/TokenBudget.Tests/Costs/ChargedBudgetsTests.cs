using TokenBudget.Costs;
using TokenBudget.Models;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>Accounts that are looked up once a period are those that are looked up every time.</summary>
public sealed class ChargedBudgetsTests
{
    private readonly VirtualTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 23, 30, 0, TimeSpan.Zero));
    private readonly FailingLedger _ledger = new();

    [Fact]
    public async Task Each_period_has_its_own_account()
    {
        var tracker = new CostTracker(_ledger, _time);
        var charged = new ChargedBudgets([Budget(1), Budget(3, BudgetPeriod.Total, "all")]);
        for (var day = 0; day < 3; day++)
        {
            var reservation = await tracker.ReserveAsync(charged, Dollars(1));
            (await Should.ThrowAsync<BudgetExceededException>(async () => await tracker.ReserveAsync(charged, Dollars(0.01m)))).Status.Name.ShouldBe("budget");
            await tracker.SettleAsync(reservation, Entry(1));
            _time.Advance(TimeSpan.FromDays(1));
        }

        (await Should.ThrowAsync<BudgetExceededException>(async () => await tracker.ReserveAsync(charged, Dollars(0.01m)))).Status.Name.ShouldBe("all");
    }

    [Fact]
    public async Task They_share_their_account_with_whoever_names_the_same_budget()
    {
        var tracker = new CostTracker(_ledger, _time);
        var charged = new ChargedBudgets([Budget(1)]);
        using var first = await tracker.ReserveAsync(charged, Dollars(0.4m));
        using var second = await tracker.ReserveAsync(0.4m, Budget(1));

        await Should.ThrowAsync<BudgetExceededException>(async () => await tracker.ReserveAsync(charged, Dollars(0.4m)));
    }

    [Fact]
    public async Task Two_trackers_that_are_given_the_same_do_not_share_accounts()
    {
        var charged = new ChargedBudgets([Budget(1)]);
        var (one, other) = (new CostTracker(_ledger, _time), new CostTracker(new FailingLedger(), _time));
        using var first = await one.ReserveAsync(charged, Dollars(1));
        using var second = await other.ReserveAsync(charged, Dollars(1));

        await Should.ThrowAsync<BudgetExceededException>(async () => await one.ReserveAsync(charged, Dollars(1)));
        await Should.ThrowAsync<BudgetExceededException>(async () => await other.ReserveAsync(charged, Dollars(1)));
    }

    [Theory]
    [InlineData(10, null)]
    [InlineData(10, 7)]
    [InlineData(1_000_000, 3)]
    [InlineData(null, 7)]
    [InlineData(null, null)]
    public void Levels_are_reached_once_each_in_rising_order_of_percent(int? limit, int? threshold)
    {
        var levels = new AlertLevels(limit is { } most ? Dollars(most) : null, [50, 100, 10_000], threshold is { } amount ? Dollars(amount) : null);
        var raised = new List<int?>();
        var spent = Usd.Zero;
        for (var step = 0; step < 120; step++)
        {
            var before = spent;
            spent += Dollars((limit ?? 10) / 100m);
            levels.IsReached(before, spent).ShouldBe(levels.Reached(before, spent).Any());
            raised.AddRange(levels.Reached(before, spent).Select(static level => level.Percent));
        }

        raised.Order().ShouldBe(new[] { threshold is null ? [] : new int?[] { null }, limit is null ? [] : [50, 100] }.SelectMany(static part => part).Order());
    }
}
