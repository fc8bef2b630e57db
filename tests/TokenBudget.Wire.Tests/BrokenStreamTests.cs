using Microsoft.Extensions.AI;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Testing;
using TokenBudget.Wire.Tests.Clients;

namespace TokenBudget.Wire.Tests;

/// <summary>Streams that end before their end: the provider knows what it produced, and we charge about that.</summary>
public sealed class BrokenStreamTests
{
    private const int Bound = 60_000;

    private static readonly string Words = string.Join(' ', Enumerable.Range(0, 400).Select(static word => word % 7 == 0 ? "extraordinary" : "word"));

    public enum Ending
    {
        /// <summary>The reader leaves the loop.</summary>
        Left,

        /// <summary>The caller cancels.</summary>
        Cancelled,

        /// <summary>The provider's connection breaks.</summary>
        Cut,

        /// <summary>The stream goes on past <c>max_tokens</c>, and nobody leaves.</summary>
        Endless,
    }

    public static TheoryData<WireClient, Ending> Rows
    {
        get
        {
            var data = new TheoryData<WireClient, Ending>();
            foreach (var client in Enum.GetValues<WireClient>())
                foreach (var ending in Enum.GetValues<Ending>())
                    data.Add(client, ending);
            return data;
        }
    }

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Rows))]
    public async Task Input_and_what_was_produced_are_charged(WireClient client, Ending ending)
    {
        await using var wire = await Wire.StartAsync(client, options => options with
        {
            Responder = static (_, _) => ValueTask.FromResult(SimulatedReply.Text(Words)),
            // Slowly, so that little is under way when it ends.
            Latency = new SimulatedLatency { OutputTokensPerSecond = 50 },
            Faults = ending switch
            {
                Ending.Cut => static _ => SimulatedFault.CutAfterEvents(15),
                Ending.Endless => static _ => SimulatedFault.Endless,
                _ => null,
            },
        });
        using var leaving = new CancellationTokenSource();
        var budgeted = wire.With(new BudgetSettings { MaxOutputTokens = ending == Ending.Endless ? 50 : 1_000 });
        var seen = "";
        ChatFinishReason? reason = null;

        var reading = ReadAsync();
        if (ending is Ending.Cut or Ending.Cancelled)
            await Should.ThrowAsync<Exception>(() => wire.RunAsync(reading));
        else
            await wire.RunAsync(reading);

        await wire.ShouldBeCleanAsync();
        var exchange = wire.Provider.Log.ShouldHaveSingleItem();
        var line = (await wire.LinesAsync()).ShouldHaveSingleItem();
        (line.Outcome, line.IsEstimate).ShouldBe((ending is Ending.Cut or Ending.Endless ? LedgerOutcome.Failed : LedgerOutcome.Cancelled, true));
        seen.Length.ShouldBeGreaterThan(250);
        exchange.OutputTokens.ShouldBeGreaterThan(50);
        reason.ShouldBe(ending == Ending.Endless ? ChatFinishReason.Length : null);
        if (ending == Ending.Endless)
            exchange.OutputTokens.ShouldBeLessThan(50 * 6);
        // Our count of words that the simulator counts by its own rule.
        ((double)line.Usage.TotalOutput / exchange.OutputTokens).ShouldBeInRange(0.5, 1.5);
        ((double)line.Usage.TotalInput / exchange.PromptTokens).ShouldBeInRange(0.4, 2.5);
        line.Cost.ShouldBe(CostCalculator.CostOf(ModelCatalogue.Default.Get(wire.Model), line.Usage, line.At));

        async Task ReadAsync()
        {
            await foreach (var update in budgeted.GetStreamingResponseAsync("Tell me words.", cancellationToken: leaving.Token))
            {
                seen += update.Text;
                reason ??= update.FinishReason;
                if (seen.Length <= 300 || ending is Ending.Cut or Ending.Endless)
                    continue;
                if (ending != Ending.Cancelled)
                    break;
                await leaving.CancelAsync();
            }
        }
    }

    [Theory(Timeout = Bound)]
    [InlineData(WireClient.AnthropicSdk, 11)]
    [InlineData(WireClient.AnthropicHttp, 11)]
    [InlineData(WireClient.OpenAISdk, 9)]
    [InlineData(WireClient.OpenAIHttp, 9)]
    public async Task A_usage_that_comes_twice_is_charged_once(WireClient client, int usageEvent)
    {
        await using var wire = await Wire.StartAsync(client, options => options with { Faults = _ => SimulatedFault.DuplicateEvent(usageEvent) });

        (await wire.AskAsync("Tell me a story.", isStream: true)).Text.ShouldBe(Wire.Story);

        var line = (await wire.LinesAsync()).ShouldHaveSingleItem();
        (line.Cost.PicoDollars, line.IsEstimate).ShouldBe((wire.Provider.Bill.PicoDollars, false));
    }

    [Theory(Timeout = Bound)]
    [InlineData(SimulatedStreamUsage.Cumulative)]
    [InlineData(SimulatedStreamUsage.PromptRepeated)]
    public async Task Compatible_servers_that_report_with_every_piece_are_charged_right(SimulatedStreamUsage style)
    {
        await using var wire = await Wire.StartAsync(WireClient.OpenAIHttp, options => options with { StreamUsage = style });

        (await wire.AskAsync("Tell me a story.", isStream: true)).Text.ShouldBe(Wire.Story);

        (await wire.LinesAsync()).ShouldHaveSingleItem().Cost.PicoDollars.ShouldBe(wire.Provider.Bill.PicoDollars);
    }
}
