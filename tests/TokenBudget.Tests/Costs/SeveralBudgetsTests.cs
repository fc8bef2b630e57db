using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>Calls that are charged to several budgets.</summary>
public sealed class SeveralBudgetsTests
{
    private readonly VirtualTimeProvider _time = new();
    private readonly FailingLedger _ledger = new();

    private static readonly BudgetSettings Settings = new()
    {
        LimitUsd = 10,
        CostLimits =
        [
            new CostLimit(BudgetScope.Tenant, BudgetPeriod.Hour, 1),
            new CostLimit(BudgetScope.Method, BudgetPeriod.Day, 6),
            new CostLimit(BudgetScope.Shared, BudgetPeriod.Month, 12),
        ],
    };

    private static readonly Dictionary<string, BudgetRule> Rules = new()
    {
        ["opus"] = new BudgetRule { LimitUsd = 3, Period = BudgetPeriod.Total, Model = "OPUS" },
        ["others"] = new BudgetRule { LimitUsd = 0, Agent = "Reader" },
        ["models"] = new BudgetRule { LimitUsd = 5, Per = BudgetScope.Model },
    };

    private static MethodBudgets Budgets(string method = "Ask", string agent = "Writer", BudgetSettings? settings = null) => new(agent, method, settings ?? Settings, Rules);

    private async Task SpendAsync(CostTracker tracker, decimal cost, string? tenant = null, string model = "haiku", string method = "Ask", string agent = "Writer")
    {
        var reservation = await tracker.ReserveAsync(Budgets(method, agent).For(model, tenant), Dollars(cost));
        await tracker.SettleAsync(reservation, Entry(cost) with { Agent = agent, Method = method, Model = model, Tenant = tenant });
    }

    private async Task<string> RefusedByAsync(CostTracker tracker, decimal cost, string? tenant = null, string model = "haiku", string method = "Ask", string agent = "Writer")
    {
        var before = tracker.GetStatus().Select(static status => status.Reserved).ToList();
        var exception = await Should.ThrowAsync<BudgetExceededException>(() => SpendAsync(tracker, cost, tenant, model, method, agent));
        tracker.GetStatus().Take(before.Count).ShouldAllBe(static status => status.Reserved == Usd.Zero, "nothing may be held by the other budgets");
        return exception.Status.Name;
    }

    [Fact]
    public void A_call_is_charged_to_every_budget_that_covers_it()
    {
        Budgets().For("opus", "acme").Select(static budget => (budget.Name, budget.Period)).ShouldBe(
        [
            ("Writer", BudgetPeriod.Day), ("Writer/tenant:acme", BudgetPeriod.Hour), ("Writer/method:Writer.Ask", BudgetPeriod.Day), ("Writer", BudgetPeriod.Month),
            ("opus", BudgetPeriod.Total), ("models/model:opus", BudgetPeriod.Day),
        ]);
        Budgets().For("haiku", null).Select(static budget => budget.Name).ShouldBe(["Writer", "Writer/tenant:", "Writer/method:Writer.Ask", "Writer", "models/model:haiku"]);
        Budgets().HasLimit.ShouldBeTrue();
        Budgets().ToString().ShouldBe(
            "Writer: $10.00 a day, then Refuse; Writer: $1.00 an hour for each tenant, then Refuse; Writer: $6.00 a day for each method, then Refuse; "
            + "Writer: $12.00 a month, then Refuse; opus: $3.00 in total, then Refuse; models: $5.00 a day for each model, then Refuse");
    }

    [Fact]
    public void A_configured_budget_may_not_have_the_name_of_an_agents()
    {
        Should.Throw<TokenBudgetConfigurationException>(() => Budgets(settings: new BudgetSettings { BudgetName = "Opus" })).Message.ShouldContain("another name");
    }

    [Theory]
    [InlineData("1000000000", "LimitUsd")]
    [InlineData("1000000.01", "LimitUsd")]
    [InlineData("-1", "LimitUsd")]
    [InlineData("79228162514264337593543950335", "CostLimits")]
    [InlineData("2000000", "Budgets")]
    public void A_limit_beyond_the_range_is_told_with_its_value_and_the_way_out(string dollars, string where)
    {
        var amount = decimal.Parse(dollars, System.Globalization.CultureInfo.InvariantCulture);
        var settings = where switch
        {
            "LimitUsd" => new BudgetSettings { LimitUsd = amount },
            "CostLimits" => new BudgetSettings { CostLimits = [new CostLimit(BudgetScope.Tenant, BudgetPeriod.Day, amount)] },
            _ => new BudgetSettings(),
        };
        var rules = new Dictionary<string, BudgetRule> { ["company"] = new() { LimitUsd = where == "Budgets" ? amount : 1_000_000 } };

        var error = Should.Throw<TokenBudgetConfigurationException>(() => new MethodBudgets("Writer", "Ask", settings, rules)).Errors.ShouldHaveSingleItem();

        error.ShouldBe($"The limit of budget '{(where == "Budgets" ? "company" : "Writer")}' is ${dollars}: a limit is 0 to 1,000,000 US dollars. "
            + "Set one in that range, or leave LimitUsd out to track without a limit.");
    }

    [Fact]
    public async Task Each_limit_refuses_and_then_holds_nothing()
    {
        var tracker = new CostTracker(_ledger, _time);
        await SpendAsync(tracker, 1, "acme");
        (await RefusedByAsync(tracker, 0.01m, "acme")).ShouldBe("Writer/tenant:acme");
        await SpendAsync(tracker, 1, "other", "opus");
        await SpendAsync(tracker, 1, "third", "opus");
        await SpendAsync(tracker, 1, "fourth", "opus");
        (await RefusedByAsync(tracker, 0.01m, "fifth", "opus")).ShouldBe("opus");
        await SpendAsync(tracker, 1, "fifth");
        await SpendAsync(tracker, 1, "sixth");
        (await RefusedByAsync(tracker, 0.01m, "seventh")).ShouldBe("Writer/method:Writer.Ask");
        await SpendAsync(tracker, 1, "seventh", method: "Tell");
        await SpendAsync(tracker, 1, "eighth", method: "Tell");
        (await RefusedByAsync(tracker, 0.01m, "ninth", method: "Tell")).ShouldBe("models/model:haiku");
    }

    [Fact]
    public async Task Calls_without_a_tenant_share_the_amount_of_nobody()
    {
        var tracker = new CostTracker(_ledger, _time);
        await SpendAsync(tracker, 0.5m);
        await SpendAsync(tracker, 0.5m);
        (await RefusedByAsync(tracker, 0.01m)).ShouldBe("Writer/tenant:");
    }

    [Fact]
    public async Task After_a_restart_every_budget_knows_what_was_spent()
    {
        var tracker = new CostTracker(_ledger, _time);
        await SpendAsync(tracker, 1, "acme", "opus");
        await SpendAsync(tracker, 0.25m);
        await SpendAsync(tracker, 0.5m, "acme", agent: "Critic");
        var restarted = new CostTracker(_ledger, _time);
        foreach (var budget in Budgets().For("opus", "acme").Concat(Budgets().For("haiku", null)))
            (await restarted.ReserveAsync(budget, Usd.Zero)).Dispose();
        restarted.GetStatus().Select(static status => (status.Name, status.Settled.Dollars)).ShouldBe(
            [("Writer", 1.25m), ("Writer", 1.25m), ("Writer/method:Writer.Ask", 1.25m), ("Writer/tenant:", 0.25m), ("Writer/tenant:acme", 1), ("models/model:haiku", 0.75m), ("models/model:opus", 1), ("opus", 1)]);
    }

    [Fact]
    public async Task A_budget_that_is_set_up_later_or_renamed_knows_what_was_spent_before()
    {
        await SpendAsync(new CostTracker(_ledger, _time), 1, "acme", "opus");
        var renamed = new MethodBudgets("Writer", "Ask", new BudgetSettings(), new Dictionary<string, BudgetRule> { ["new"] = new() { LimitUsd = 1.5m, Model = "opus" } });
        var exception = await Should.ThrowAsync<BudgetExceededException>(
            () => new CostTracker(_ledger, _time).ReserveAsync(renamed.For("opus", null), Dollars(1)).AsTask());
        (exception.Status.Name, exception.Status.Settled).ShouldBe(("new", Dollars(1)));
    }

    [Fact]
    public async Task Of_a_thousand_concurrent_calls_exactly_those_fit_that_fit_everywhere()
    {
        var tracker = new CostTracker(_ledger, _time);
        var budgets = new[] { Budget(10), Budget(5, BudgetPeriod.Hour, "narrow"), Budget(null, BudgetPeriod.Total, "all") };
        var admitted = 0;
        await Parallel.ForAsync(0, 1_000, async (call, _) =>
        {
            try
            {
                await tracker.ReserveAsync(call % 2 == 0 ? budgets : [.. budgets.Reverse()], Dollars(0.1m));
                Interlocked.Increment(ref admitted);
            }
            catch (BudgetExceededException)
            {
            }
        });
        admitted.ShouldBe(50);
        tracker.GetStatus().ShouldAllBe(static status => status.Reserved == Dollars(5));
    }

    [Fact]
    public async Task Alerts_are_each_budgets_own_at_the_shares_asked_for()
    {
        var tracker = new CostTracker(_ledger, _time, alertPercents: [100, 25]);
        var alerts = new List<(string, int?)>();
        tracker.AlertRaised += (_, alert) => alerts.Add((alert.Budget, alert.Percent));
        for (var call = 0; call < 10; call++)
        {
            var reservation = await tracker.ReserveAsync([Budget(20), Budget(10, name: "narrow")], Dollars(1));
            await tracker.SettleAsync(reservation, Entry(1));
        }

        alerts.ShouldBe([("narrow", 25), ("budget", 25), ("narrow", 100)]);
        Should.Throw<ArgumentOutOfRangeException>(() => new CostTracker(_ledger, alertPercents: [0]));
    }

    [Fact]
    public async Task Periods_that_are_over_are_forgotten()
    {
        var tracker = new CostTracker(_ledger, _time);
        for (var hour = 0; hour < 5_000; hour++)
        {
            (await tracker.ReserveAsync(0, Budget(1, BudgetPeriod.Hour, $"tenant {hour % 3}"))).Dispose();
            _time.Advance(TimeSpan.FromHours(1));
        }

        tracker.OpenPeriods.ShouldBeLessThanOrEqualTo(64);
    }
}
