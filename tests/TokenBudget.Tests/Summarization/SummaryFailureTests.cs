using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Summarization;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;
using static TokenBudget.Tests.Summarization.SummarySample;

namespace TokenBudget.Tests.Summarization;

/// <summary>Whatever goes wrong with a summary leaves the history, tells somebody, and is not paid for again at once.</summary>
public sealed class SummaryFailureTests
{
    public static TheoryData<string, SummaryFailureReason> BadSummaries => new()
    {
        { "fails", SummaryFailureReason.ModelFailed },
        { "no budget", SummaryFailureReason.BudgetExceeded },
        { "filtered", SummaryFailureReason.Refused },
        { "refusal", SummaryFailureReason.Refused },
        { "error content", SummaryFailureReason.Refused },
        { "says no", SummaryFailureReason.Refused },
        { "empty", SummaryFailureReason.Empty },
        { "nothing", SummaryFailureReason.Empty },
        { "cut off", SummaryFailureReason.Truncated },
        { "calls a tool", SummaryFailureReason.Truncated },
        { "too long", SummaryFailureReason.NotSmaller },
    };

    [Theory]
    [MemberData(nameof(BadSummaries))]
    public async Task A_bad_summary_leaves_the_history_and_raises_an_alert(string kind, SummaryFailureReason reason)
    {
        await using var sample = new CallSample();
        var alerts = new List<TokenBudgetAlert>();
        sample.Runtime.AlertRaised += (_, alert) => alerts.Add(alert);
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var fake = Client(kind switch
        {
            "fails" => FakeReply.Fails(new IOException("question 0")),
            "filtered" => FakeReply.Text("they talked") with { FinishReason = ChatFinishReason.ContentFilter },
            "refusal" => FakeReply.Text("they") with { FinishReason = new ChatFinishReason("refusal") },
            "error content" => new FakeReply { Messages = [new ChatMessage(ChatRole.Assistant, [new ErrorContent("no")])] },
            "says no" => FakeReply.Text("I'm sorry, but I can't help with that."),
            "empty" => FakeReply.Text(" \n"),
            "nothing" => new FakeReply(),
            "cut off" => FakeReply.Text("they tal") with { FinishReason = ChatFinishReason.Length },
            "calls a tool" => FakeReply.Calls("they", new FunctionCallContent("a", "tool")),
            _ => FakeReply.Text(string.Join(' ', Enumerable.Repeat("w", 200))),
        });
        // There is room for three questions, but not for the longer prompt of a summary after them.
        var method = sample.Bind(fake, Settings with { LimitUsd = kind == "no budget" ? 0.0014m : null, MaxOutputTokens = kind == "no budget" ? 80 : null });
        await sample.TalkAsync(method, conversation, 3);

        conversation.Summary.ShouldBeNull();
        conversation.Messages.Count.ShouldBe(6);
        sample.ShouldHoldNothing();
        var alert = alerts.Where(static alert => alert.Kind == TokenBudgetAlertKind.SummaryFailed).ShouldHaveSingleItem();
        alert.Agent.ShouldBe("Writer");
        alert.Summary!.ShouldSatisfyAllConditions(
            failure => failure.Reason.ShouldBe(reason),
            failure => failure.ConversationId.ShouldBe("c"),
            failure => failure.UncoveredMessages.ShouldBe(6),
            failure => failure.At.ShouldBe(sample.Time.GetUtcNow()));
    }

    [Fact]
    public async Task A_failed_summary_is_not_paid_for_again_with_every_turn()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text(""));
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var method = sample.Bind(fake, Settings with { SummarizeAfterMessages = 8 });

        await sample.TalkAsync(method, conversation, 5);
        fake.ForSummaries().Count.ShouldBe(1);
        await sample.TalkAsync(method, conversation, 1);
        fake.ForSummaries().Count.ShouldBe(1, "two of four messages have come since");
        await sample.TalkAsync(method, conversation, 1);
        fake.ForSummaries().Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_window_holds_the_limit_when_the_summarizer_fails()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Fails(new IOException()));
        var conversation = new Conversation();
        var method = sample.Bind(fake, Settings with { MaxContextTokens = 200, MaxOutputTokens = 50 });
        await sample.TalkAsync(method, conversation, 30);
        conversation.Messages.Count.ShouldBe(60, "the history is whole");
        foreach (var request in fake.Requests.Where(static request => !IsForSummary(request)))
            request.Messages.Sum(sample.Runtime.Counters.For(CallSample.Model).Messages.Count).ShouldBeLessThanOrEqualTo(150);
    }

    [Fact]
    public async Task A_store_that_cannot_keep_it_leaves_the_history()
    {
        var store = new FailingSummaries();
        await using var runtime = new TokenBudgetRuntime(new() { Models = new([CallSample.ModelInfo]) }, conversations: store);
        var failures = new List<SummaryFailure?>();
        runtime.AlertRaised += (_, alert) => failures.Add(alert.Summary);
        var method = runtime.Bind(Client(FakeReply.Text("they talked")), CallSample.Policy(Settings));
        var conversation = await runtime.OpenConversationAsync("c");
        for (var turn = 0; turn < 3; turn++)
            await method.AskAsync(TokenBudget.CompilerServices.ReplyFormat.Text, "q", conversation);
        await runtime.DrainAsync();
        failures.ShouldHaveSingleItem()!.Reason.ShouldBe(SummaryFailureReason.StoreFailed);
        failures[0]!.Exception.ShouldBeOfType<IOException>();
        (conversation.Summary, conversation.Messages.Count, (await runtime.OpenConversationAsync("c")).Messages.Count).ShouldBe((null, 6, 6));
    }

    [Fact]
    public async Task A_handler_that_throws_disturbs_nobody()
    {
        await using var sample = new CallSample();
        var heard = 0;
        sample.Runtime.AlertRaised += static (_, _) => throw new InvalidOperationException("handler");
        sample.Runtime.AlertRaised += (_, _) => heard++;
        var conversation = new Conversation();
        await sample.TalkAsync(sample.Bind(Client(FakeReply.Text("")), Settings), conversation, 3);
        heard.ShouldBe(1);
        await conversation.SummaryGate.WhenDone.WaitAsync(Guard);
    }

    [Fact]
    public async Task Budgets_raise_the_same_event()
    {
        await using var sample = new CallSample();
        var alerts = new List<TokenBudgetAlert>();
        sample.Runtime.AlertRaised += (_, alert) => alerts.Add(alert);
        await sample.Bind(new FakeChatClient(FakeReply.Text("x", 600, 1)), new() { LimitUsd = 0.001m, MaxOutputTokens = 50 }).AskAsync("q");
        alerts.ShouldHaveSingleItem().Budget!.Percent.ShouldBe(50);
    }

    private sealed class FailingSummaries : IConversationStore
    {
        private readonly InMemoryConversationStore _inner = new();

        public ValueTask<long> AppendTurnAsync(string id, long version, IReadOnlyList<CountedMessage> turn, CancellationToken cancellationToken = default) =>
            _inner.AppendTurnAsync(id, version, turn, cancellationToken);

        public ValueTask<ConversationSlice> ReadAsync(string id, int maxTokens, CancellationToken cancellationToken = default) =>
            _inner.ReadAsync(id, maxTokens, cancellationToken);

        public ValueTask<bool> SaveSummaryAsync(string id, ConversationSummary summary, CancellationToken cancellationToken = default) => throw new IOException("disk full");

        public IAsyncEnumerable<CountedMessage> ReadHistoryAsync(string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<ConversationSummary>> ReadSummariesAsync(string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<int> DeleteInactiveAsync(DateTimeOffset before, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default) => _inner.DeleteAsync(id, cancellationToken);
    }
}
