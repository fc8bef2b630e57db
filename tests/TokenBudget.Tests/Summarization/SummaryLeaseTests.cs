using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Sharing;
using TokenBudget.Summarization;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.Summarization;

/// <summary>Processes that hold the same conversation and share a store.</summary>
public sealed class SummaryLeaseTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_processes_that_summarize_at_once_pay_once(bool share)
    {
        await using var sample = new CallSample();
        var store = new InMemoryConversationStore();
        await store.AppendTurnAsync("c", 0, Turn());
        await store.AppendTurnAsync("c", 2, Turn());
        var limits = share ? new InMemorySharedLimitStore(sample.Time) : null;
        var gate = new TaskCompletionSource();
        var client = new FakeChatClient { Otherwise = _ => FakeReply.Text("they talked") with { Gate = gate.Task } };
        var passes = new List<Task<bool>>();
        for (var process = 0; process < 2; process++)
        {
            var summarizer = new ConversationSummarizer(client, new SummarizerOptions { AfterMessages = 2 }, sample.Runtime.Counters.For(CallSample.Model).Messages, sample.Time) { Lease = new SummaryLease(limits) };
            passes.Add(summarizer.SummarizeAsync(await Conversation.OpenAsync(store, "c")));
        }

        gate.SetResult();
        await Task.WhenAll(passes);

        client.Requests.Count.ShouldBe(share ? 1 : 2);
        (await store.ReadSummariesAsync("c")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_process_that_comes_later_and_one_whose_store_is_away_summarize()
    {
        await using var sample = new CallSample();
        var limits = new InMemorySharedLimitStore(sample.Time);
        (await new SummaryLease(limits).RunAsync("c", static () => Task.FromResult(1), 0, sample.Time, default)).ShouldBe(1);
        (await new SummaryLease(limits).RunAsync("c", static () => Task.FromResult(1), 0, sample.Time, default)).ShouldBe(1);
        (await new SummaryLease(new Broken()).RunAsync("c", static () => Task.FromResult(1), 0, sample.Time, default)).ShouldBe(1);
    }

    private static CountedMessage[] Turn() =>
        [new(new ChatMessage(ChatRole.User, new string('q', 400)), 100), new(new ChatMessage(ChatRole.Assistant, new string('a', 400)), 100)];

    private sealed class Broken : ISharedLimitStore
    {
        public ValueTask<IReadOnlyList<LimitShare>> ExchangeAsync(
            Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms, CancellationToken cancellationToken = default) => throw new IOException("away");
    }
}
