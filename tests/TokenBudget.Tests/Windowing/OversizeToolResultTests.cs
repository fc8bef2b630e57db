using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;
using TokenBudget.Windowing;
using static TokenBudget.Tests.Windowing.Histories;

namespace TokenBudget.Tests.Windowing;

/// <summary>Tool results that alone are larger than the window.</summary>
public sealed class OversizeToolResultTests
{
    private static ContextWindow Window(long tokens, OversizeHandling oversize = OversizeHandling.TruncateToolResults, MessageCounter? counter = null) =>
        new(new ContextWindowOptions { MaxTokens = tokens, Oversize = oversize }, counter ?? Counter);

    private static string TextOf(ChatMessage message, int result = 0) => (string)message.Contents.OfType<FunctionResultContent>().ElementAt(result).Result!;

    [Fact]
    public void It_is_shortened_with_a_marker_and_keeps_both_ends()
    {
        List<ChatMessage> history = [User("u"), ToolCalls("a"), ToolResults("first " + Words(500) + " last", "a")];
        var reduction = Window(200).Reduce(history);
        var text = TextOf(reduction.Messages[2]);
        text.ShouldStartWith("first ");
        text.ShouldEndWith(" last");
        text.ShouldContain("of 502 tokens left out");
        reduction.Report.ShouldSatisfyAllConditions(
            report => report.TokensAfter.ShouldBeLessThanOrEqualTo(100),
            report => report.TokensAfter.ShouldBe(Size(reduction.Messages)),
            report => report.Reason.ShouldBe(ReductionReason.Oversize),
            report => report.TruncatedResults.ShouldBe(1));
        TextOf(history[2]).ShouldStartWith("first ", customMessage: "the history keeps the whole");
        TextOf(history[2]).Split(' ').Length.ShouldBe(502);
    }

    [Fact]
    public void It_has_the_same_text_in_every_later_request()
    {
        List<ChatMessage> history = [User("u"), ToolCalls("a"), ToolResults(Words(500), "a")];
        var window = Window(300);
        var text = TextOf(window.Reduce(history).Messages[2]);
        for (var round = 0; round < 5; round++)
        {
            history.AddRange([ToolCalls($"b{round}"), ToolResults(Words(10), $"b{round}")]);
            var later = Window(300).Reduce(history).Messages;
            TextOf(later[2]).ShouldBe(text);
            later.ShouldContain(history[^1]);
        }
    }

    [Fact]
    public void Parallel_results_share_what_room_there_is()
    {
        List<ChatMessage> history =
        [
            User("u"), ToolCalls("a", "b", "c"),
            new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", Words(400)), new FunctionResultContent("b", "short"), new FunctionResultContent("c", Words(400))]),
        ];
        var reduction = Window(300).Reduce(history);
        TextOf(reduction.Messages[2], 1).ShouldBe("short");
        var sizes = new[] { Counter.Count(TextOf(reduction.Messages[2], 0)), Counter.Count(TextOf(reduction.Messages[2], 2)) };
        sizes[0].ShouldBeInRange(30, 50);
        sizes[1].ShouldBe(sizes[0]);
        reduction.Report.TruncatedResults.ShouldBe(2);
    }

    [Fact]
    public void Surrogate_pairs_stay_whole()
    {
        var characters = new MessageCounter(TokenCounter.Create(static text => text.Length));
        for (var limit = 150; limit < 260; limit++)
        {
            List<ChatMessage> history = [User("u"), ToolCalls("a"), ToolResults(string.Concat(Enumerable.Repeat("😀", 300)), "a")];
            var text = TextOf(Window(limit, counter: characters).Reduce(history).Messages[2]);
            for (var index = 0; index < text.Length; index++)
            {
                if (char.IsHighSurrogate(text[index]))
                    char.IsLowSurrogate(text[++index]).ShouldBeTrue($"limit {limit}");
                else
                    char.IsLowSurrogate(text[index]).ShouldBeFalse($"limit {limit}");
            }
        }
    }

    [Fact]
    public void Json_results_and_their_size_are_shortened_alike()
    {
        var json = JsonSerializer.SerializeToElement(new { rows = Enumerable.Repeat("row of data", 300).ToArray() });
        var pictures = new AIContent[] { new TextContent(Words(600)), new DataContent(new byte[9_000], "image/png") };
        foreach (var result in new object[] { json, pictures, new { rows = Enumerable.Repeat("row of data", 300) } })
        {
            List<ChatMessage> history = [User("u"), ToolCalls("a"), new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", result)])];
            var reduction = Window(300).Reduce(history);
            reduction.Report.TokensAfter.ShouldBe(Size(reduction.Messages));
            reduction.Report.TokensAfter.ShouldBeLessThanOrEqualTo(300);
        }
    }

    [Fact]
    public void Rejecting_it_is_a_choice()
    {
        List<ChatMessage> history = [User("u"), ToolCalls("a"), ToolResults(Words(500), "a")];
        Should.Throw<ContextOverflowException>(() => Window(200, OversizeHandling.Reject).Reduce(history));
    }

    [Fact]
    public void One_of_an_older_turn_is_cut_away_and_not_reported()
    {
        List<ChatMessage> history = [User("u"), ToolCalls("a"), ToolResults(Words(500), "a"), Answer("x"), User(Words(60)), Answer("y"), User("z")];
        var reduction = Window(150).Reduce(history);
        reduction.Report.TruncatedResults.ShouldBe(reduction.Messages.Count(Histories.HasResults));
        reduction.Messages[^1].ShouldBeSameAs(history[^1]);
    }
}
