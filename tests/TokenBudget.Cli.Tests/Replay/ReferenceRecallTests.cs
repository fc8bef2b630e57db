using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Cli.Replay;
using TokenBudget.Conversations;

namespace TokenBudget.Cli.Tests.Replay;

public sealed class ReferenceRecallTests
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<ChatMessage, double> _sizes = new(ReferenceEqualityComparer.Instance);

    [Fact]
    public void An_answer_is_measured_by_what_it_takes_up_again()
    {
        var conversation = Conversation("user:see src/a.cs and src/b.cs", "assistant:ok", "user:what now?", "assistant:src/a.cs and src/b.cs need src/new.cs");
        var references = new ReferenceIndex(conversation);
        references.MoveTo(3);

        references.Measure(new SentMessages([0, 1, 2], [])).ShouldBe((2, 2));
        references.Measure(new SentMessages([1, 2], [])).ShouldBe((2, 0));
        references.Measure(new SentMessages([0, 2], [(0, new ChatMessage(ChatRole.User, "see src/b.cs"))])).ShouldBe((2, 1));
    }

    [Fact]
    public void What_occurs_again_later_is_remembered_from_there()
    {
        var references = new ReferenceIndex(Conversation("user:see src/a.cs", "assistant:I see src/a.cs", "user:go on", "assistant:src/a.cs"));

        references.MoveTo(1);
        references.Measure(new SentMessages([0], [])).ShouldBe((1, 1));
        references.MoveTo(3);
        references.Measure(new SentMessages([1, 2], [])).ShouldBe((1, 1));
    }

    /// <summary>
    /// The figures of the description of the recorded data. They were counted with 3.5 characters a token and with windows that start anywhere
    /// and send no user message in front, so such windows are made here: what is held is the measure, not a policy of ours.
    /// </summary>
    [SharedDataTheory]
    [InlineData("unbounded", 0, 0, 1.0000)]
    [InlineData("tokens", 32_000, 32_000, 0.9707)]
    [InlineData("tokens", 50_000, 25_000, 0.9809)]
    [InlineData("tokens", 32_000, 16_000, 0.9664)]
    [InlineData("tokens", 32_000, 8_000, 0.951)]
    [InlineData("tokens", 8_000, 4_000, 0.907)]
    [InlineData("last", 20, 0, 0.8483)]
    [InlineData("last", 10, 0, 0.748)]
    public async Task The_recall_of_plain_windows_is_the_one_published_for_them(string kind, int high, int low, double expected)
    {
        var (conversations, used, found) = (0, 0, 0);
        await foreach (var recorded in RecordedConversationReader.ReadAsync(SharedData.File("conversations/conversations.dev.jsonl.gz"), static error => Assert.Fail(error.ToString())))
        {
            var conversation = new ReplayedConversation(recorded);
            if (conversation.Messages.Sum(Size) <= 8_000)
                continue;
            conversations++;
            var references = new ReferenceIndex(conversation);
            var start = 0;
            for (var answer = 0; answer < conversation.Messages.Count; answer++)
            {
                if (conversation.Messages[answer].Role != ChatRole.Assistant)
                    continue;
                references.MoveTo(answer);
                start = kind switch
                {
                    "unbounded" => 0,
                    "last" => LastFrom(conversation, answer, high),
                    _ => Cut(conversation.Messages, start, answer, high, low),
                };
                var sent = Enumerable.Range(0, answer).Where(index => index >= start || conversation.Messages[index].Role == ChatRole.System);
                var measured = references.Measure(new SentMessages([.. sent], []));
                (used, found) = (used + measured.Used, found + measured.Found);
            }
        }

        conversations.ShouldBe(15);
        ((double)found / used).ShouldBe(expected, 0.003);
    }

    private int Cut(IReadOnlyList<ChatMessage> messages, int start, int end, int high, int low)
    {
        if (SizeFrom(start) <= high)
            return start;
        // The published cuts leave the newest message, the published sliding window not even that.
        while (start < end - (high == low ? 0 : 1) && SizeFrom(start) > low)
            start++;
        return start;

        double SizeFrom(int first) => Enumerable.Range(0, end).Where(index => index >= first || messages[index].Role == ChatRole.System).Sum(index => Size(messages[index]));
    }

    /// <summary>Results that the replay adds to aborted calls are not of the recording and do not count.</summary>
    private static int LastFrom(ReplayedConversation conversation, int end, int count)
    {
        var start = end;
        while (start > 0 && count > 0)
            count -= conversation.RecordedIndexOf(--start) is null ? 0 : 1;
        return start;
    }

    /// <summary>Remembered, because it is asked for often.</summary>
    private double Size(ChatMessage message)
    {
        if (!_sizes.TryGetValue(message, out var size))
            _sizes.Add(message, size = 4 + (message.Contents.Sum(Length) / 3.5));
        return size;

        static int Length(AIContent content) => content switch
        {
            TextContent text => text.Text.Length,
            FunctionResultContent { Result: string result } => result.Length,
            FunctionCallContent call => call.Name.Length + JsonSerializer.Serialize(call.Arguments, Readable).Length,
            _ => 0,
        };
    }

    private static ReplayedConversation Conversation(params string[] messages) => new(new RecordedConversation
    {
        Id = "a",
        Source = "",
        Model = "",
        Messages = [.. messages.Select(static message => message.Split(':', 2)).Select(static parts => new ChatMessage(new ChatRole(parts[0]), parts[1]))],
    });
}
