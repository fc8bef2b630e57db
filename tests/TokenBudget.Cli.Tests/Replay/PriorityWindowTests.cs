using Microsoft.Extensions.AI;
using TokenBudget.Cli.Replay;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Windowing;

namespace TokenBudget.Cli.Tests.Replay;

/// <summary>Whether keeping old units that answers come back to is worth its cost: the experiment behind the decision not to.</summary>
public sealed class PriorityWindowTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";
    private static readonly DateTimeOffset Day = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static ModelInfo Model { get; } = ModelCatalogue.Default.Models.Single(static model => model.Id == "claude-sonnet-4-5");

    [SharedDataFact]
    public async Task Over_many_marks_a_share_for_old_units_brings_little_and_not_at_every_mark()
    {
        var counter = new ModelCounters().For(Model.Id);
        int[] highs = Nightly ? [12_000, 16_000, 20_000, 24_000, 28_000, 32_000, 40_000, 50_000, 64_000] : [16_000, 28_000, 50_000];
        double[] shares = Nightly ? [0, 0.1, 0.15, 0.2, 0.3] : [0, 0.15];
        var totals = new (decimal Cost, int Used, int Found)[highs.Length, shares.Length];
        await foreach (var recorded in RecordedConversationReader.ReadAsync(SharedData.File("conversations/conversations.dev.jsonl.gz"), static error => Assert.Fail(error.ToString())))
        {
            if (recorded.Messages.Sum(message => (long)counter.Messages.Count(message)) < 8_000)
                continue;
            var conversation = new ReplayedConversation(recorded);
            for (var high = 0; high < highs.Length; high++)
                for (var share = 0; share < shares.Length; share++)
                {
                    var (cost, used, found) = Replay(conversation, counter, highs[high], highs[high] / 2, shares[share]);
                    ref var total = ref totals[high, share];
                    total = (total.Cost + cost, total.Used + used, total.Found + found);
                }
        }

        for (var high = 0; high < highs.Length; high++)
            output.WriteLine($"{highs[high]}: " + string.Join(" | ", Enumerable.Range(0, shares.Length).Select(share => FormattableString.Invariant(
                $"share {shares[share]}: ${totals[high, share].Cost:0.000}, {Recall(totals[high, share]):0.0000}"))));
        for (var share = 1; share < shares.Length; share++)
        {
            var recall = Enumerable.Range(0, highs.Length).Select(high => Recall(totals[high, share]) - Recall(totals[high, 0])).ToList();
            var cost = Enumerable.Range(0, highs.Length).Average(high => (double)(totals[high, share].Cost / totals[high, 0].Cost)) - 1;
            output.WriteLine(FormattableString.Invariant($"share {shares[share]}: recall {recall.Average():+0.0000;-0.0000} ({recall.Min():+0.0000;-0.0000} to {recall.Max():+0.0000;-0.0000}), cost {cost:+0.0%;-0.0%}"));
            recall.Average().ShouldBeLessThan(0.01);
            recall.Min().ShouldBeLessThan(0);
        }
    }

    private static double Recall((decimal Cost, int Used, int Found) total) => (double)total.Found / total.Used;

    private static (decimal Cost, int Used, int Found) Replay(ReplayedConversation conversation, ModelCounter counter, long high, long low, double share)
    {
        var window = new PriorityWindow(conversation, counter, PromptCacheTerms.Of(Model, Day)!, high, low, share);
        var cache = new PromptCache(counter, Model.MinCacheableTokens);
        var references = new ReferenceIndex(conversation);
        var history = new List<ChatMessage>();
        var (cost, used, found) = (0m, 0, 0);
        for (var position = 0; position < conversation.Messages.Count; position++)
        {
            var message = conversation.Messages[position];
            if (message.Role == ChatRole.Assistant && history.Exists(static earlier => earlier.Role == ChatRole.User))
            {
                var sent = window.Reduce(history);
                cost += CostCalculator.CostOf(Model, cache.Send(sent, message), Day).Dollars;
                references.MoveTo(position);
                var measured = references.Measure(conversation.Find(sent));
                (used, found) = (used + measured.Used, found + measured.Found);
            }

            if (message.Contents.Count > 0)
                history.Add(message);
        }

        return (cost, used, found);
    }
}
