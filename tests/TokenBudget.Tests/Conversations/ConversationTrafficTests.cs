using TokenBudget.CompilerServices;
using TokenBudget.Conversations;
using TokenBudget.Counting;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;
using TokenBudget.Tests.Summarization;

namespace TokenBudget.Tests.Conversations;

/// <summary>What a turn costs in a long conversation: what it adds, and nothing for what was there.</summary>
public sealed class ConversationTrafficTests
{
    [Fact]
    public async Task Below_the_marks_a_turn_is_one_append_and_no_other_use_of_the_store()
    {
        var store = new CountingStore();
        await using var runtime = new TokenBudgetRuntime(new() { Models = new([CallSample.ModelInfo]) }, conversations: store);
        var method = runtime.Bind(SummarySample.Client(FakeReply.Text("they talked")), CallSample.Policy(SummarySample.Settings with { SummarizeAfterMessages = 1_000 }));
        var conversation = await runtime.OpenConversationAsync("c");
        for (var turn = 0; turn < 20; turn++)
            await method.AskAsync(ReplyFormat.Text, $"question {turn}", conversation);
        await runtime.DrainAsync();
        store.Calls.ShouldBe(["read", .. Enumerable.Repeat("append", 20)]);
    }

    [Fact]
    public async Task A_turn_counts_what_it_adds_and_not_the_history_again()
    {
        await using var sample = new CallSample();
        var counted = 0;
        sample.Runtime.Counters.Use(CallSample.Model, TokenCounter.Create(text =>
        {
            Interlocked.Increment(ref counted);
            return text.Length;
        }));
        var method = sample.Bind(SummarySample.Client(FakeReply.Text("they talked")), SummarySample.Settings with { SummarizeAfterMessages = 1_000 });
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var perTurn = new List<int>();
        for (var turn = 0; turn < 40; turn++)
        {
            counted = 0;
            await sample.TalkAsync(method, conversation, 1);
            perTurn.Add(counted);
        }

        // A window remembers a history from its fourth turn on.
        perTurn.ShouldAllBe(static count => count <= 8);
        perTurn.Skip(4).Distinct().ShouldHaveSingleItem();
    }

    private sealed class CountingStore : IConversationStore
    {
        private readonly InMemoryConversationStore _inner = new();

        public List<string> Calls { get; } = [];

        public ValueTask<long> AppendTurnAsync(string id, long version, IReadOnlyList<CountedMessage> turn, CancellationToken cancellationToken = default) =>
            Note("append", _inner.AppendTurnAsync(id, version, turn, cancellationToken));

        public ValueTask<ConversationSlice> ReadAsync(string id, int maxTokens, CancellationToken cancellationToken = default) =>
            Note("read", _inner.ReadAsync(id, maxTokens, cancellationToken));

        public ValueTask<bool> SaveSummaryAsync(string id, ConversationSummary summary, CancellationToken cancellationToken = default) =>
            Note("save", _inner.SaveSummaryAsync(id, summary, cancellationToken));

        public IAsyncEnumerable<CountedMessage> ReadHistoryAsync(string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<ConversationSummary>> ReadSummariesAsync(string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<int> DeleteInactiveAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default) =>
            Note("delete", _inner.DeleteAsync(id, cancellationToken));

        private T Note<T>(string call, T result)
        {
            Calls.Add(call);
            return result;
        }
    }
}
