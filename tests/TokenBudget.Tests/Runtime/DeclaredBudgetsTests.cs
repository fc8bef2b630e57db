using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Tests.Runtime;

/// <summary>Budgets of agents that nobody has called in the period: they are seen as they are in the ledger, and can be paused and resumed.</summary>
public sealed class DeclaredBudgetsTests : IAsyncDisposable
{
    private readonly VirtualTimeProvider _time = new(new DateTimeOffset(2026, 3, 15, 23, 0, 0, TimeSpan.Zero));
    private readonly InMemoryLedger _ledger = new();
    private readonly TokenBudgetRuntime _runtime;

    public DeclaredBudgetsTests() => _runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), _ledger, time: _time);

    public ValueTask DisposeAsync() => _runtime.DisposeAsync();

    [Fact]
    public async Task One_is_paused_before_its_first_call_and_shown_as_it_is_in_the_ledger()
    {
        await _ledger.AppendAsync(Line("Support", 2.5m));
        using var client = Client();

        (await _runtime.Costs.PauseAsync("Support", "not today")).ShouldBeTrue();

        var status = _runtime.Costs.GetStatus().ShouldHaveSingleItem();
        (status.Limit, status.Settled, status.PausedByHand?.Reason).ShouldBe((Usd.FromDollars(10), Usd.FromDollars(2.5m), "not today"));
        (await Should.ThrowAsync<BudgetPausedException>(() => client.GetResponseAsync("question"))).Message.ShouldContain("not today");
        (await _runtime.Costs.ApproveAsync("Support")).ShouldBeTrue();
        await client.GetResponseAsync("question");
    }

    [Fact]
    public async Task After_midnight_it_is_opened_by_whoever_looks_pauses_or_approves_and_by_no_call()
    {
        using var client = Client();
        await client.GetResponseAsync("question");
        _time.Advance(TimeSpan.FromHours(2));
        _runtime.Costs.GetStatus().ShouldBeEmpty("nobody has looked");
        (await _runtime.Costs.ApproveAsync("Support", Usd.FromDollars(3))).ShouldBeTrue();
        _runtime.Costs.GetStatus().ShouldHaveSingleItem().Approved.ShouldBe(Usd.FromDollars(3));

        _time.Advance(TimeSpan.FromDays(1));
        _runtime.Costs.OpenDeclared();
        var status = _runtime.Costs.GetStatus().ShouldHaveSingleItem();
        (status.PeriodStart, status.Approved).ShouldBe((new DateTimeOffset(2026, 3, 17, 0, 0, 0, TimeSpan.Zero), Usd.Zero));
        _runtime.Costs.OpenDeclared();
        _runtime.Costs.OpenPeriods.ShouldBe(4, "each day once, and that of the first call's tenant");
    }

    [Fact]
    public async Task A_name_that_no_agent_has_is_not_known_and_neither_is_one_that_tells_tenants_apart()
    {
        using var client = Client();

        (await _runtime.Costs.PauseAsync("support")).ShouldBeFalse("names are written as they are");
        (await _runtime.Costs.PauseAsync("Support/tenant:acme")).ShouldBeFalse();
        (await _runtime.Costs.ApproveAsync("nobody")).ShouldBeFalse();

        _runtime.Costs.GetStatus().ShouldBeEmpty();
    }

    [Fact]
    public void Names_that_are_made_up_are_taken_down_up_to_a_number()
    {
        for (var number = 0; number < 2 * CostTracker.MaxDeclared; number++)
            Client($"made up {number}").Dispose();

        _runtime.Costs.OpenDeclared();

        _runtime.Costs.GetStatus().Count.ShouldBe(CostTracker.MaxDeclared);
    }

    [Fact]
    public async Task Where_budgets_are_switched_off_there_are_none()
    {
        await using var off = new TokenBudgetRuntime(new TokenBudgetOptions { Enabled = false }, _ledger, time: _time);
        using var client = off.CreateClient(new FakeChatClient(), Policy("Support"));

        (await off.Costs.PauseAsync("Support")).ShouldBeFalse();
    }

    private IChatClient Client(string agent = "Support") => _runtime.CreateClient(new FakeChatClient { Otherwise = static _ => FakeReply.Text("answer") }, Policy(agent));

    private static AgentMethodPolicy Policy(string agent) => new()
    {
        Agent = agent,
        Method = "Ask",
        Settings = new BudgetSettings { Model = "claude-sonnet-4-5", LimitUsd = 10, CostLimits = [new CostLimit(BudgetScope.Tenant, BudgetPeriod.Day, 10)] },
    };

    private LedgerEntry Line(string budget, decimal dollars) => new()
    {
        Id = Guid.NewGuid(),
        At = _time.GetUtcNow(),
        Agent = budget,
        Method = "Ask",
        Model = "m",
        Budget = budget,
        Cost = Usd.FromDollars(dollars),
    };
}
