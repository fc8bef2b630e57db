using Anthropic;
using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Retries;
using TokenBudget.Testing;

namespace TokenBudget.Wire.Tests.Documented;

public sealed class SupportAgentTests
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

        Assert.Equal(TicketKind.Bug, await agent.ClassifyAsync("Customers cannot pay since 10:00."));

        (await provider.GetFinalVerdictAsync()).ShouldBeClean();
        Assert.Equal(provider.Bill.Usd, (await runtime.Ledger.TotalAsync(new LedgerQuery())).Sum(total => total.Cost.Dollars));
    }
}
