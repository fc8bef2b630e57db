using Anthropic;
using Microsoft.Extensions.AI;
using TokenBudget;
using TokenBudget.Costs;
using TokenBudget.Testing;

// With ANTHROPIC_API_KEY this spends real cents; without it a simulated provider answers.
await using var simulator = await ProviderSimulator.StartAsync(new SimulatorOptions
{
    Models = [SimulatedModel.FromUsdPerMillionTokens("claude-sonnet-4-5", 3, 15)],
    Responder = (request, _) => ValueTask.FromResult(SimulatedReply.Text(request.LastUserText.StartsWith("Classify", StringComparison.Ordinal) ? "Bug" : "Restart the gateway.")),
});
using var anthropic = Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY") is { Length: > 0 } key
    ? new AnthropicClient { ApiKey = key, MaxRetries = 0 }
    : new AnthropicClient { ApiKey = "none", BaseUrl = simulator.BaseAddress.AbsoluteUri.TrimEnd('/'), MaxRetries = 0 };

await using var runtime = new TokenBudgetRuntime();
var agent = new SupportAgent(anthropic.AsIChatClient("claude-sonnet-4-5"), runtime);

const string Ticket = "Customers cannot pay since 10:00.";
Console.WriteLine($"First time:  {await agent.ClassifyAsync(Ticket)}");
Console.WriteLine($"Second time: {await agent.ClassifyAsync(Ticket)} (from the cache)");

var conversation = new Conversation();
await foreach (var update in agent.ChatAsync(conversation, "What should I do first?"))
    Console.Write(update.Text);
Console.WriteLine();

foreach (var total in await runtime.Ledger.TotalAsync(new LedgerQuery()))
    Console.WriteLine($"{total.Key.Agent} on {total.Key.Model}: {total.Requests} requests, {total.Cost} spent, {total.AvoidedCost} avoided");

public enum TicketKind
{
    Bug,
    Question,
    Request,
}

[ChatAgent(Model = "claude-sonnet-4-5")]
[TokenBudget(MaxContextTokens = 32_000, MaxOutputTokens = 1_024)]
[CostTracked(LimitUsd = 1)]
public interface ISupportAgent
{
    [Cached(TtlMinutes = 60, Scope = CacheScope.Global)]
    [Prompt("Classify this ticket as Bug, Question or Request. Answer with that one word.\n{ticket}")]
    Task<TicketKind> ClassifyAsync([MaxTokens(2_000)] string ticket, CancellationToken cancellationToken = default);

    IAsyncEnumerable<ChatResponseUpdate> ChatAsync(Conversation conversation, string message, CancellationToken cancellationToken = default);
}
