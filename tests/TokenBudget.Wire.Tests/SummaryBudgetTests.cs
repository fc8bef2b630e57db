using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Testing;
using TokenBudget.Wire.Tests.Clients;

namespace TokenBudget.Wire.Tests;

/// <summary>Summaries are written in the background, at the same provider: it counts them, and so do we.</summary>
public sealed class SummaryBudgetTests
{
    private const int Bound = 60_000;
    private const string Answer = "This is a long answer with a lot of words that are worth a summary, because nobody will need each of them again later on.";

    [Theory(Timeout = Bound)]
    [InlineData(WireClient.AnthropicSdk)]
    [InlineData(WireClient.OpenAIHttp)]
    public async Task A_summary_is_a_line_of_the_budget_of_its_conversation_and_no_summary_leads_to_another(WireClient client)
    {
        await using var wire = await StartAsync(client, limitUsd: 1);
        var (agent, conversation) = (new ChattyAgent(wire.Inner, wire.Runtime), new Conversation());

        for (var turn = 0; turn < 12; turn++)
        {
            await TalkAsync(wire, agent, conversation, turn);
            // Longer than the prompt cache lives, so that a summary takes effect and the next one falls due.
            wire.Clock.Advance(TimeSpan.FromMinutes(6));
        }

        var (turns, summaries) = Count(wire);
        turns.ShouldBe(12);
        // With the third turn there are six messages, of which four fall off; then with every second. None by itself.
        summaries.ShouldBe(5);
        var lines = await wire.LinesAsync();
        lines.Count.ShouldBe(turns + summaries);
        lines.ShouldAllBe(static line => line.Budget == "talk");
        lines.Sum(static line => line.Cost.PicoDollars).ShouldBe(wire.Provider.Bill.PicoDollars);
        wire.Runtime.Costs.GetStatus().Single(static status => status.Name == "talk").Settled.PicoDollars.ShouldBe(wire.Provider.Bill.PicoDollars);
        await wire.ShouldBeCleanAsync();
    }

    [Fact(Timeout = Bound)]
    public async Task A_paused_budget_pauses_summaries_too()
    {
        await using var wire = await StartAsync(WireClient.AnthropicSdk, limitUsd: 0.0045m);
        var (agent, conversation) = (new ChattyAgent(wire.Inner, wire.Runtime), new Conversation());
        var turn = 0;
        await Should.ThrowAsync<BudgetPausedException>(async () =>
        {
            while (true)
                await TalkAsync(wire, agent, conversation, turn++);
        });
        turn.ShouldBeGreaterThan(2);
        var sent = wire.Provider.Log.Count;

        for (var again = 0; again < 3; again++)
            await Should.ThrowAsync<BudgetPausedException>(() => TalkAsync(wire, agent, conversation, turn));
        wire.Provider.Log.Count.ShouldBe(sent);
        wire.Runtime.Costs.GetStatus().Single(static status => status.Name == "talk").Settled.ShouldBeLessThanOrEqualTo(Usd.FromDollars(0.0045m));

        (await wire.Runtime.Costs.ApproveAsync("talk", Usd.FromDollars(1))).ShouldBeTrue();
        var before = Count(wire).Summaries;
        for (var more = 0; more < 6; more++)
            await TalkAsync(wire, agent, conversation, turn + more);
        Count(wire).Summaries.ShouldBeGreaterThan(before);
        await wire.ShouldBeCleanAsync();
    }

    private static Task<Wire> StartAsync(WireClient client, decimal limitUsd) => Wire.StartAsync(
        client,
        static options => options with { Responder = static (request, _) => ValueTask.FromResult(SimulatedReply.Text(IsForSummary(request) ? "They talked." : Answer)) },
        options => options.Agents["ChattyAgent"] = new AgentOptions
        {
            Settings = new BudgetSettings { LimitUsd = limitUsd, Model = client is WireClient.OpenAIHttp ? Wire.Gpt : Wire.Sonnet, SummaryModel = client is WireClient.OpenAIHttp ? Wire.Gpt : Wire.Sonnet },
        });

    private static async Task TalkAsync(Wire wire, ChattyAgent agent, Conversation conversation, int turn)
    {
        try
        {
            (await wire.RunAsync(agent.ChatAsync(conversation, $"Question {turn}?"))).ShouldBe(Answer);
        }
        finally
        {
            await wire.RunAsync(wire.Runtime.DrainAsync());
        }
    }

    private static (int Turns, int Summaries) Count(Wire wire)
    {
        var summaries = wire.Provider.Log.Count(static exchange => exchange.OutputTokens < 10);
        return (wire.Provider.Log.Count - summaries, summaries);
    }

    private static bool IsForSummary(SimulatedRequest request) => request.System.Contains("You write the memory", StringComparison.Ordinal)
        || request.Messages.Any(static message => message.Text.Contains("You write the memory", StringComparison.Ordinal));
}
