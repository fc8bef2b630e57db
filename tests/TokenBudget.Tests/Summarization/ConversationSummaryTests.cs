using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Conversations;
using TokenBudget.Counting;
using TokenBudget.Summarization;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;
using static TokenBudget.Tests.Summarization.SummarySample;

namespace TokenBudget.Tests.Summarization;

/// <summary>Summaries take the place of old messages, off the caller's path.</summary>
public sealed class ConversationSummaryTests
{
    [Fact]
    public async Task When_due_a_summary_takes_the_place_of_the_old_messages()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked", 50, 2));
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var method = sample.Bind(fake, Settings);
        await sample.TalkAsync(method, conversation, 2);
        conversation.Summary.ShouldBeNull();
        await sample.TalkAsync(method, conversation, 1);
        conversation.Summary!.ShouldSatisfyAllConditions(
            summary => summary.Text.ShouldBe("they talked"),
            summary => summary.ThroughSequence.ShouldBe(3),
            summary => summary.Tokens.ShouldBe(2));
        conversation.Messages.Count.ShouldBe(2);
        (conversation.Version, (await sample.Runtime.OpenConversationAsync("c")).Messages.Count).ShouldBe((6, 2));

        sample.Pause();
        await sample.TalkAsync(method, conversation, 1);
        var sent = fake.LastSent();
        sent[0].ShouldContain("they talked");
        sent.Count.ShouldBe(4);
        var line = (await sample.LinesAsync()).Single(static line => line.Usage.TotalInput == 50);
        line.Budget.ShouldBe("Writer", "the agent's own budget pays for its summaries");
    }

    [Fact]
    public async Task Tokens_are_a_mark_as_well_as_messages()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        var method = sample.Bind(fake, Settings with { SummarizeAfterMessages = null, SummarizeAfterTokens = 100 });
        await sample.TalkAsync(method, conversation, 4);
        conversation.Summary.ShouldBeNull("four turns of 23 tokens are not more than 100, and the default of 20 messages is not asked");
        await sample.TalkAsync(method, conversation, 1);
        // Half of the mark stays: 50 tokens reach into the third turn from the end.
        (conversation.Summary!.ThroughSequence, conversation.Messages.Count).ShouldBe((3, 6));
    }

    [Fact]
    public async Task Of_two_marks_the_first_that_is_passed_counts()
    {
        await using var sample = new CallSample();
        var conversation = new Conversation();
        var method = sample.Bind(Client(FakeReply.Text("they talked")), Settings with { SummarizeAfterMessages = 100, SummarizeAfterTokens = 60 });
        await sample.TalkAsync(method, conversation, 3);
        conversation.Summary!.ThroughSequence.ShouldBe(1);
    }

    [Fact]
    public async Task The_tenant_and_the_model_of_a_summary_are_in_the_ledger()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked", 50, 2));
        var conversation = new Conversation();
        var method = sample.Bind(fake, Settings with { SummaryModel = "cached-1" });
        for (var turn = 0; turn < 3; turn++)
            await method.AskAsync(ReplyFormat.Text, "q", conversation, tenant: "t");
        await sample.Runtime.DrainAsync();
        var line = (await sample.LinesAsync()).Single(static line => line.Usage.TotalInput == 50);
        (line.Tenant, line.Model, line.Method).ShouldBe(("t", "cached-1", "Ask"));
    }

    [Fact]
    public async Task The_summary_outlasts_the_next_cut()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var method = sample.Bind(fake, Settings with { MaxMessages = 2 });

        await sample.TalkAsync(method, conversation, 5);

        var sent = fake.LastSent();
        sent[0].ShouldContain("they talked");
        sent.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_next_summary_covers_the_one_before()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        var method = sample.Bind(fake, Settings);
        await sample.TalkAsync(method, conversation, 3);
        sample.Pause();
        await sample.TalkAsync(method, conversation, 2);
        var prompts = fake.ForSummaries().Select(static request => request.Texts[1]).ToList();
        prompts.Count.ShouldBe(2);
        prompts[0].ShouldNotContain("earlier_summary");
        prompts[1].ShouldContain("<earlier_summary>\nthey talked\n</earlier_summary>");
        prompts[1].ShouldNotContain("question 0");
        conversation.Summary!.ThroughSequence.ShouldBe(7);
    }

    [Fact]
    public async Task The_caller_does_not_wait_for_the_summary()
    {
        await using var sample = new CallSample();
        var gate = new TaskCompletionSource();
        var conversation = new Conversation();
        var fake = Client(FakeReply.Text("they talked") with { Gate = gate.Task });
        var method = sample.Bind(fake, Settings);
        for (var turn = 0; turn < 5; turn++)
        {
            await method.AskAsync(ReplyFormat.Text, "q", conversation).WaitAsync(Guard);
            if (turn == 2)
                await fake.ArrivedAsync(4);
        }

        conversation.Summary.ShouldBeNull();
        fake.ForSummaries().Count.ShouldBe(1, "one at a time");
        gate.SetResult();
        await sample.Runtime.DrainAsync().WaitAsync(Guard);
        // Nothing that was appended meanwhile is lost.
        (conversation.Summary!.ThroughSequence + 1 + conversation.Messages.Count).ShouldBe(10);
        fake.ForSummaries()[0].Texts[1].Split("[user]").Length.ShouldBe(3, "the first pass covers two turns");
    }

    [Fact]
    public async Task What_another_process_has_summarized_is_not_paid_for_again()
    {
        var store = new InMemoryConversationStore();
        await using var one = new CallSample(conversations: store);
        await using var other = new CallSample(conversations: store);
        var fake = Client(FakeReply.Text("theirs"));
        var gate = new TaskCompletionSource();
        var slow = Client(FakeReply.Text("ours") with { Gate = gate.Task });
        for (var turn = 0; turn < 3; turn++)
            await one.Bind(slow, Settings).AskAsync(ReplyFormat.Text, "q", await one.Runtime.OpenConversationAsync("c"));
        await slow.ArrivedAsync(4);
        // While it is being made, the next turn goes to another process.
        var opened = await other.Runtime.OpenConversationAsync("c");
        opened.Summary.ShouldBeNull();
        gate.SetResult();
        await one.Runtime.DrainAsync().WaitAsync(Guard);
        await other.TalkAsync(other.Bind(fake, Settings), opened, 1);

        (opened.Summary!.Text, fake.ForSummaries().Count, slow.ForSummaries().Count).ShouldBe(("ours", 0, 1));
    }

    [Fact]
    public async Task Of_two_processes_that_summarize_at_once_one_summary_is_kept_and_nothing_is_lost()
    {
        var store = new InMemoryConversationStore();
        await using var one = new CallSample(conversations: store);
        await using var other = new CallSample(conversations: store);
        var gate = new TaskCompletionSource();
        var slow = Client(FakeReply.Text("ours") with { Gate = gate.Task });
        for (var turn = 0; turn < 3; turn++)
            await one.Bind(slow, Settings).AskAsync(ReplyFormat.Text, "q", await one.Runtime.OpenConversationAsync("c"));
        await slow.ArrivedAsync(4);
        var failures = 0;
        one.Runtime.AlertRaised += (_, _) => failures++;
        await other.TalkAsync(other.Bind(Client(FakeReply.Text("theirs")), Settings), await other.Runtime.OpenConversationAsync("c"), 2);
        gate.SetResult();
        await one.Runtime.DrainAsync().WaitAsync(Guard);

        (await store.ReadSummariesAsync("c")).ShouldHaveSingleItem().Text.ShouldBe("theirs", "it covers more");
        var conversation = await one.Runtime.OpenConversationAsync("c");
        (conversation.Summary!.ThroughSequence + 1 + conversation.Messages.Count, conversation.Version, failures).ShouldBe((10, 10, 0));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task A_summary_is_used_only_when_it_is_strictly_smaller_than_what_it_replaces(int larger, bool isUsed)
    {
        await using var sample = new CallSample();
        var counter = sample.Runtime.Counters.For(CallSample.Model).Messages;
        var summarizer = new ConversationSummarizer(new FakeChatClient(FakeReply.Text("s")), new SummarizerOptions { AfterMessages = 2 }, counter, sample.Time);
        var replaced = counter.Count(SummaryMessage.For(new ConversationSummary("s", 1, 1, default))) + larger;
        var conversation = new Conversation();
        await conversation.AppendTurnAsync(0, [new(new ChatMessage(ChatRole.User, "q"), replaced - 1), new(new ChatMessage(ChatRole.Assistant, "a"), 1)], default);
        await conversation.AppendTurnAsync(2, [new(new ChatMessage(ChatRole.User, "q"), 1), new(new ChatMessage(ChatRole.Assistant, "a"), 1)], default);

        (await summarizer.SummarizeAsync(conversation)).ShouldBe(isUsed);
        conversation.Messages.Count.ShouldBe(isUsed ? 2 : 4);
    }

    [Fact]
    public async Task The_length_asked_for_and_the_model_are_those_of_the_attribute()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        await sample.TalkAsync(sample.Bind(fake, Settings with { SummaryMaxWords = 77, SummaryModel = "cached-1" }), new Conversation(), 3);
        fake.ForSummaries()[0].Texts[0].ShouldContain("at most 77 words");
        fake.ForSummaries()[0].Options!.ModelId.ShouldBe("cached-1");
    }

    [Fact]
    public async Task A_turn_is_never_cut_between_call_and_result()
    {
        await using var sample = new CallSample();
        var summarizer = new ConversationSummarizer(
            new FakeChatClient(FakeReply.Text("s")), new SummarizerOptions { AfterMessages = 4 }, sample.Runtime.Counters.For(CallSample.Model).Messages, sample.Time);
        var conversation = new Conversation();
        ChatMessage[] turn =
        [
            new(ChatRole.User, LongAnswer), new(ChatRole.Assistant, LongAnswer), new(ChatRole.User, LongAnswer),
            new(ChatRole.Assistant, [new FunctionCallContent("a", "tool")]), new(ChatRole.User, [new FunctionResultContent("a", "r")]), new(ChatRole.Assistant, "x"),
        ];
        await conversation.AppendTurnAsync(0, [.. turn.Select(static message => new CountedMessage(message, 30))], default);
        (await summarizer.SummarizeAsync(conversation)).ShouldBeTrue();
        conversation.Messages.Shape()[0].ShouldBe($"user: {LongAnswer}");
        conversation.Messages.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(-1, 0)]
    [InlineData(20, -1)]
    public void Marks_that_mean_nothing_are_refused(int messages, int tokens)
    {
        var counter = new MessageCounter(TokenCounter.Create(static text => text.Length));
        Should.Throw<ArgumentException>(() => new ConversationSummarizer(
            new FakeChatClient(), new SummarizerOptions { AfterMessages = messages, AfterTokens = tokens }, counter)).Message.ShouldContain("After");
    }
}
