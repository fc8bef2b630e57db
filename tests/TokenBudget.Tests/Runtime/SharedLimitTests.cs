using Microsoft.Extensions.AI;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.Runtime;

/// <summary>Methods of an agent, and agents that name the same limit or budget, share it.</summary>
public sealed class SharedLimitTests
{
    private static readonly FakeChatClient Fake = new() { Otherwise = static _ => FakeReply.Text("x", 10, 10) };

    [Fact]
    public async Task Agents_that_name_one_budget_share_what_is_left()
    {
        await using var sample = new CallSample();
        var settings = new BudgetSettings { Model = CallSample.Model, LimitUsd = 0.0015m, MaxOutputTokens = 100, BudgetName = "team" };
        var one = sample.Runtime.CreateClient(Fake, new() { Agent = "One", Method = "Ask", Settings = settings });
        var two = sample.Runtime.CreateClient(Fake, new() { Agent = "Two", Method = "Ask", Settings = settings });
        for (var call = 0; call < 4; call++)
            await one.GetResponseAsync("q");
        await Should.ThrowAsync<BudgetExceededException>(async () =>
        {
            for (var call = 0; call < 10; call++)
                await two.GetResponseAsync("q");
        });
        sample.Runtime.Costs.GetStatus().ShouldHaveSingleItem().Name.ShouldBe("team");
    }

    [Fact]
    public async Task Methods_of_an_agent_share_its_rate_limit_and_others_have_their_own()
    {
        await using var sample = new CallSample();
        foreach (var (agent, method) in new[] { ("One", "A"), ("One", "B"), ("Two", "A") })
            await sample.Runtime.CreateClient(Fake, new() { Agent = agent, Method = method, Settings = new() { Model = CallSample.Model } }).GetResponseAsync("q");
        sample.Runtime.RateLimits.Select(static limit => (limit.Name, limit.Requests)).ShouldBe([("One", 2), ("Two", 1)]);
    }

    [Fact]
    public async Task A_method_with_figures_of_its_own_has_a_limit_of_its_own()
    {
        await using var sample = new CallSample();
        foreach (var (method, requests) in new (string, long?)[] { ("A", null), ("B", 5), ("C", null) })
            await sample.Runtime.CreateClient(Fake, new() { Agent = "One", Method = method, Settings = new() { Model = CallSample.Model, RequestsPerMinute = requests } })
                .GetResponseAsync("q");
        sample.Runtime.RateLimits.Select(static limit => (limit.Name, limit.Requests)).ShouldBe([("One", 2), ("One.B", 1)]);
    }

    [Fact]
    public async Task One_name_with_two_sets_of_figures_is_refused()
    {
        await using var sample = new CallSample();
        sample.Runtime.CreateClient(Fake, new() { Agent = "One", Method = "A", Settings = new() { LimitName = "shared", RequestsPerMinute = 5 } });
        var refused = Should.Throw<TokenBudgetConfigurationException>(() =>
            sample.Runtime.CreateClient(Fake, new() { Agent = "Two", Method = "B", Settings = new() { LimitName = "shared", RequestsPerMinute = 6 } }));
        refused.Message.ShouldContain("'shared'");
        refused.Message.ShouldContain("Two.B");
    }
}
