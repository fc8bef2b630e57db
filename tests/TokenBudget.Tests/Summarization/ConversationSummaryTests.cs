using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Summarization;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;

namespace TokenBudget.Tests.Summarization;

/// <summary>Summaries replace old messages after the reply, and whatever goes wrong leaves them.</summary>
public sealed class ConversationSummaryTests
{
    private const string LongAnswer = "a long answer of quite a few words that a summary can replace";

    private static readonly BudgetSettings Summarized = new() { Summarized = true, SummarizeAfterMessages = 4, SummaryMaxWords = 20 };

    /// <summary>Answers questions at length, and requests for a summary with what is given.</summary>
    private static FakeChatClient Client(FakeReply summary) => new()
    {
        Otherwise = request => IsForSummary(request) ? summary : FakeReply.Text(LongAnswer),
    };

    private static bool IsForSummary(FakeRequest request) => request.Texts[0].StartsWith("You write the memory", StringComparison.Ordinal);

    private static async Task TalkAsync(CallSample sample, AgentMethod method, Conversation conversation, int turns)
    {
        for (var turn = 0; turn < turns; turn++)
        {
            await method.AskAsync(ReplyFormat.Text, $"question {turn}", conversation);
            await sample.Runtime.DrainAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task When_due_a_summary_takes_the_place_of_the_old_messages()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked", 50, 2));
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var method = sample.Bind(fake, Summarized);
        await TalkAsync(sample, method, conversation, 2);
        conversation.Summary.ShouldBeNull();
        await TalkAsync(sample, method, conversation, 1);
        conversation.Summary!.ShouldSatisfyAllConditions(
            summary => summary.Text.ShouldBe("they talked"),
            summary => summary.ThroughSequence.ShouldBe(3),
            summary => summary.Tokens.ShouldBe(2));
        conversation.Messages.Count.ShouldBe(2);
        (conversation.Version, (await sample.Runtime.OpenConversationAsync("c")).Messages.Count).ShouldBe((6, 2));

        await TalkAsync(sample, method, conversation, 1);
        var sent = fake.Requests.Last(static request => !IsForSummary(request)).Texts;
        sent[0].ShouldContain("they talked");
        sent.Count.ShouldBe(4);
        var line = (await sample.LinesAsync()).Single(static line => line.Usage.TotalInput == 50);
        line.Budget.ShouldBe("Writer", "the agent's own budget pays for its summaries");
    }

    [Fact]
    public async Task A_failed_summary_is_not_paid_for_again_with_every_turn()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text(""));
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var method = sample.Bind(fake, Summarized with { SummarizeAfterMessages = 8 });

        await TalkAsync(sample, method, conversation, 5);
        fake.Requests.Count(IsForSummary).ShouldBe(1);
        await TalkAsync(sample, method, conversation, 1);
        fake.Requests.Count(IsForSummary).ShouldBe(1, "two of four messages have come since");
        await TalkAsync(sample, method, conversation, 1);
        fake.Requests.Count(IsForSummary).ShouldBe(2);
    }

    [Fact]
    public async Task The_summary_outlasts_the_next_cut()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var method = sample.Bind(fake, Summarized with { MaxMessages = 2 });

        await TalkAsync(sample, method, conversation, 5);

        var sent = fake.Requests.Last(static request => !IsForSummary(request)).Texts;
        sent[0].ShouldContain("they talked");
        sent.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_next_summary_covers_the_one_before()
    {
        await using var sample = new CallSample();
        var fake = Client(FakeReply.Text("they talked"));
        var conversation = new Conversation();
        await TalkAsync(sample, sample.Bind(fake, Summarized), conversation, 5);
        var prompts = fake.Requests.Where(IsForSummary).Select(static request => request.Texts[1]).ToList();
        prompts.Count.ShouldBe(2);
        prompts[0].ShouldNotContain("earlier_summary");
        prompts[1].ShouldContain("<earlier_summary>\nthey talked\n</earlier_summary>");
        prompts[1].ShouldNotContain("question 0");
        conversation.Summary!.ThroughSequence.ShouldBe(7);
    }

    public static TheoryData<string> BadSummaries => ["fails", "empty", "too long", "cut off"];

    [Theory]
    [MemberData(nameof(BadSummaries))]
    public async Task A_bad_summary_leaves_the_history(string kind)
    {
        await using var sample = new CallSample();
        var conversation = new Conversation();
        var method = sample.Bind(
            Client(kind switch
            {
                "fails" => FakeReply.Fails(new IOException()),
                "empty" => FakeReply.Text(" \n"),
                "too long" => FakeReply.Text(string.Join(' ', Enumerable.Repeat("w", 200))),
                _ => FakeReply.Text("they tal") with { FinishReason = ChatFinishReason.Length },
            }),
            Summarized);
        await TalkAsync(sample, method, conversation, 3);
        conversation.Summary.ShouldBeNull();
        conversation.Messages.Count.ShouldBe(6);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task The_caller_does_not_wait_for_the_summary()
    {
        await using var sample = new CallSample();
        var gate = new TaskCompletionSource();
        var conversation = new Conversation();
        var fake = Client(FakeReply.Text("they talked") with { Gate = gate.Task });
        var method = sample.Bind(fake, Summarized);
        for (var turn = 0; turn < 5; turn++)
        {
            await method.AskAsync(ReplyFormat.Text, "q", conversation).WaitAsync(TimeSpan.FromSeconds(30));
            if (turn == 2)
                await fake.ArrivedAsync(4);
        }

        conversation.Summary.ShouldBeNull();
        gate.SetResult();
        await sample.Runtime.DrainAsync().WaitAsync(TimeSpan.FromSeconds(30));
        // A pass of a later turn may have come after this one; either way nothing that was appended meanwhile is lost.
        (conversation.Summary!.ThroughSequence + 1 + conversation.Messages.Count).ShouldBe(10);
        fake.Requests.First(IsForSummary).Texts[1].Split("[user]").Length.ShouldBe(3, "the first pass covers two turns");
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
        await conversation.AppendTurnAsync(0, [.. turn.Select(static message => new CountedMessage(message, 10))], default);
        (await summarizer.SummarizeAsync(conversation)).ShouldBeTrue();
        conversation.Messages.Shape()[0].ShouldBe($"user: {LongAnswer}");
        conversation.Messages.Count.ShouldBe(4);
    }
}
