using Microsoft.Extensions.AI;
using TokenBudget.Cli.Replay;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Windowing;

namespace TokenBudget.Cli.Tests.Replay;

/// <summary>How far the windows are from what they could cost if they knew how each conversation goes on.</summary>
public sealed class OfflineOptimumTests(Xunit.Abstractions.ITestOutputHelper output)
{
    private static readonly DateTimeOffset Day = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly ModelCounter _counter = new ModelCounters().For(Model.Id);

    private static ModelInfo Model { get; } = ModelCatalogue.Default.Models.Single(static model => model.Id == "claude-sonnet-4-5");

    [SharedDataTheory]
    [InlineData(32_000, 16_000, 1.05)]
    [InlineData(50_000, 25_000, 1.05)]
    public async Task The_economic_window_costs_little_more_than_knowing_the_future_would(int high, int low, double most)
    {
        var optimum = new OfflineOptimum(Model, _counter, Day, high, low);
        var (best, plain, economic, forced) = (0m, 0m, 0m, 0m);
        await foreach (var conversation in RecordedConversationReader.ReadAsync(SharedData.File("conversations/conversations.dev.jsonl.gz"), static error => Assert.Fail(error.ToString())))
        {
            var known = optimum.CostOf(conversation);
            var cost = Replay(conversation, high, low, PromptCacheTerms.Of(Model, Day));
            cost.ShouldBeGreaterThanOrEqualTo(known.Best * 0.999m, conversation.Id);
            (best, plain, economic, forced) = (best + known.Best, plain + known.Plain, economic + cost, forced + Replay(conversation, high, low, null));
        }

        output.WriteLine(FormattableString.Invariant(
            $"{high}:{low}: optimum ${best:0.0000}, economic ${economic:0.0000} ({economic / best:0.0000}), cut at the high mark ${forced:0.0000} ({forced / best:0.0000}; by the oracle ${plain:0.0000})"));
        // The oracle reckons as the replay does: on the one path both can take, they agree.
        ((double)(plain / forced)).ShouldBe(1, 0.002);
        ((double)(economic / best)).ShouldBeLessThanOrEqualTo(most);
    }

    [Fact]
    public void The_optimum_cuts_before_it_must_where_much_is_yet_to_come()
    {
        var messages = new List<ChatMessage>();
        for (var turn = 0; turn < 80; turn++)
        {
            messages.Add(new ChatMessage(ChatRole.User, string.Join(' ', Enumerable.Repeat("word", 100))));
            messages.Add(new ChatMessage(ChatRole.Assistant, "ok"));
        }

        // Marks so far apart that carrying everything up to the high one costs more than cutting twice.
        var (best, plain) = new OfflineOptimum(Model, _counter, Day, 9_000, 1_500).CostOf(Conversation(messages));

        best.ShouldBeLessThan(plain);
        new OfflineOptimum(Model, _counter, Day, 100_000, 50_000).CostOf(Conversation(messages)).ShouldBe((Unbounded(messages), Unbounded(messages)));
    }

    private decimal Unbounded(List<ChatMessage> messages) => Replay(Conversation(messages), 1_000_000, 1_000_000, null);

    private decimal Replay(RecordedConversation conversation, long high, long low, PromptCacheTerms? terms)
    {
        var window = new ContextWindow(new ContextWindowOptions { MaxTokens = high, TrimToTokens = low, PromptCache = terms }, _counter.Messages);
        var cache = new PromptCache(_counter, Model.MinCacheableTokens);
        var history = new List<ChatMessage>();
        var cost = 0m;
        foreach (var message in conversation.CompleteToolPairs().Messages)
        {
            if (message.Role == ChatRole.Assistant && history.Exists(static earlier => earlier.Role == ChatRole.User))
                cost += CostCalculator.CostOf(Model, cache.Send(window.Reduce(history, 0, _counter.Calibration).Messages, message), Day).Dollars;
            history.Add(message);
        }

        return cost;
    }

    private static RecordedConversation Conversation(List<ChatMessage> messages) => new() { Id = "a", Source = "", Model = "", Messages = messages };
}
