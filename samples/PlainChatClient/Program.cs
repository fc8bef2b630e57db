using Anthropic;
using Microsoft.Extensions.AI;
using TokenBudget;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Testing;

// No interface, no generator: a budget in front of the chat client you have. A simulated provider answers; nothing is spent.
await using var simulator = await ProviderSimulator.StartAsync(new SimulatorOptions
{
    Models = [SimulatedModel.FromUsdPerMillionTokens("claude-sonnet-4-5", 3, 15)],
    Responder = static (request, _) => ValueTask.FromResult(SimulatedReply.Text($"An answer to \"{request.LastUserText}\".")),
});
using var anthropic = new AnthropicClient { ApiKey = "none", BaseUrl = simulator.BaseAddress.AbsoluteUri.TrimEnd('/'), MaxRetries = 0 };

await using var runtime = new TokenBudgetRuntime();
var client = anthropic.AsIChatClient("claude-sonnet-4-5").WithTokenBudget(runtime, new AgentMethodPolicy
{
    Agent = "Support",
    Method = "Chat",
    Settings = new BudgetSettings { MaxContextTokens = 1_000, MaxOutputTokens = 200, LimitUsd = 0.02m, TokensPerMinute = 40_000 },
});

var history = new List<ChatMessage> { new(ChatRole.System, "You help with orders.") };
try
{
    for (var turn = 1; ; turn++)
    {
        history.Add(new ChatMessage(ChatRole.User, $"Question {turn}: where is order {4_000 + turn}?"));
        // The history grows as long as the program runs; what is sent does not.
        var response = await client.GetResponseAsync(history);
        history.AddMessages(response);
        if (turn <= 3)
            Console.WriteLine($"{turn}: {response.Text} ({response.Usage?.InputTokenCount} tokens in)");
    }
}
catch (BudgetExceededException exception)
{
    Console.WriteLine($"After {history.Count} messages: {exception.Message}");
}

foreach (var total in await runtime.Ledger.TotalAsync(new LedgerQuery()))
    Console.WriteLine($"{total.Key.Agent} on {total.Key.Model}: {total.Requests} requests, {total.Cost} spent");
