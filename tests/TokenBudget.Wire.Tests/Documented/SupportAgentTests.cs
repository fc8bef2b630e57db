using Anthropic;
using Microsoft.Extensions.AI;
using TokenBudget;
using TokenBudget.Costs;
using TokenBudget.Retries;
using TokenBudget.Testing;
using Xunit;

namespace SupportDesk;

public class SupportAgentTests
{
    [Fact]
    public async Task A_ticket_is_classified_though_the_provider_stumbles()
    {
        await using var provider = await ProviderSimulator.StartAsync(new SimulatorOptions
        {
            Models = [SimulatedModel.FromUsdPerMillionTokens("claude-sonnet-4-5", input: 3m, output: 15m)],
            Responder = new ScriptedResponder(SimulatedReply.Text("Bug")).RespondAsync,
            Faults = FaultPlan.InOrder(SimulatedFault.Overloaded, SimulatedFault.InternalError),
        });
        var anthropic = new AnthropicClient
        {
            ApiKey = "any", BaseUrl = provider.BaseAddress.AbsoluteUri.TrimEnd('/'), MaxRetries = 0, Handlers = [new RateLimitHeaderHandler()],
        };
        await using var runtime = new TokenBudgetRuntime();
        var agent = new SupportAgent(anthropic.AsIChatClient("claude-sonnet-4-5"), runtime);

        Assert.Equal("Bug", await agent.ClassifyAsync("Customers cannot pay since 10:00."));

        (await provider.GetFinalVerdictAsync()).ShouldBeClean();
        Assert.Equal(provider.Bill.Usd, (await runtime.Ledger.TotalAsync(new LedgerQuery())).Sum(total => total.Cost.Dollars));
    }
}

[ChatAgent(Model = "claude-sonnet-4-5")]
[TokenBudget(MaxOutputTokens = 1_024)]
[CostTracked(LimitUsd = 10)]
public interface ISupportAgent
{
    [Prompt("Is this ticket a Bug, a Question or a Request? One word.\n{ticket}")]
    Task<string> ClassifyAsync([MaxTokens(2_000)] string ticket);
}
