using System.Diagnostics;
using Microsoft.Extensions.AI;
using Orchestrator.Agents;
using Orchestrator.Provider;
using Orchestrator.Reporting;
using TokenBudget;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Testing;

namespace Orchestrator.Replay;

/// <summary>Recorded conversations three times over, against the simulator, which answers what was recorded.</summary>
internal sealed class ConversationReplay(IReadOnlyList<RecordedConversation> conversations)
{
    public const int MaxOutputTokens = 4_096;

    public int Conversations => conversations.Count;

    public Task<RunResult> RunUnboundedAsync(Action onConversation, CancellationToken cancellationToken) =>
        RunAsync("unbounded", (client, messages) => client.GetResponseAsync(messages, Options, cancellationToken), onConversation, cancellationToken);

    public Task<RunResult> RunLastTwentyAsync(Action onConversation, CancellationToken cancellationToken) =>
        RunAsync("last 20 messages", (client, messages) => client.GetResponseAsync(LastMessages.Of(messages, 20), Options, cancellationToken), onConversation, cancellationToken);

    public async Task<RunResult> RunBudgetedAsync(Action onConversation, CancellationToken cancellationToken)
    {
        await using var runtime = new TokenBudgetRuntime(TokenBudgetOptionsReader.FromEnvironment());
        using var overhead = new OverheadMeter(clockFactor: 1);
        ReplayAgent? agent = null;
        var result = await RunAsync(
            "TokenBudget",
            (client, messages) => (agent ??= new ReplayAgent(client, runtime)).AnswerAsync(messages, cancellationToken),
            onConversation,
            cancellationToken);
        var totals = await runtime.Ledger.TotalAsync(new LedgerQuery(), cancellationToken: cancellationToken);
        return result with { Overhead = overhead.Median, LedgerUsd = totals.Sum(total => total.Cost.Dollars) };
    }

    private static ChatOptions Options { get; } = new() { ModelId = Prompts.Model, MaxOutputTokens = MaxOutputTokens };

    private async Task<RunResult> RunAsync(
        string name, Func<IChatClient, IReadOnlyList<ChatMessage>, Task<ChatResponse>> answer, Action onConversation, CancellationToken cancellationToken)
    {
        var script = new ScriptedResponder();
        await using var simulator = await ProviderSimulator.StartAsync(
            new SimulatorOptions
            {
                Models = [SimulatedPrices.Of(Prompts.Model, TimeProvider.System.GetUtcNow())],
                Responder = script.RespondAsync,
                Limits = SimulatedLimits.None,
            },
            cancellationToken);
        using var client = ProviderConnection.Open(simulator.BaseAddress, "simulated");
        var watch = Stopwatch.StartNew();
        foreach (var conversation in conversations)
        {
            foreach (var (messages, reply) in ReplayRequests.Of(conversation))
            {
                script.Enqueue(reply);
                await answer(client, messages);
            }

            onConversation();
        }

        return RunResult.Of(name, watch.Elapsed, simulator);
    }
}
