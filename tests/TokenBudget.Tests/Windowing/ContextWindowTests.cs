using Microsoft.Extensions.AI;
using TokenBudget.Counting;
using TokenBudget.Windowing;
using static TokenBudget.Tests.Windowing.Histories;

namespace TokenBudget.Tests.Windowing;

/// <summary>Single promises of the window, each on a history made for it.</summary>
public sealed class ContextWindowTests
{
    private static ContextWindow Window(long tokens, WindowPolicy policy = WindowPolicy.Economic, int messages = 0, long low = 0) => new(
        new ContextWindowOptions { MaxTokens = tokens, Policy = policy, MaxMessages = messages, TrimToTokens = low }, Counter);

    [Fact]
    public void At_the_limit_it_is_the_same_object_and_one_token_over_it_is_cut()
    {
        List<ChatMessage> history = [SystemText("s"), User(Words(10)), Answer(Words(10)), User(Words(10))];
        var size = Size(history);
        Window(size).Reduce(history).Messages.ShouldBeSameAs(history);
        var cut = Window(size - 1).Reduce(history);
        cut.Messages.ShouldBe([history[0], history[3]]);
        cut.Report.Reason.ShouldBe(ReductionReason.Tokens);
        Window(size).Reduce(history, fixedTokens: 1).Messages.ShouldNotBeSameAs(history);
    }

    [Fact]
    public void Calls_in_messages_of_their_own_stay_with_their_results()
    {
        List<ChatMessage> history =
        [
            User("u1"), Answer(Words(50)), User("u2"), ToolCalls("a"), ToolCalls("b"), ToolResults(Words(10), "b"), ToolResults(Words(10), "a"), Answer("done"),
        ];
        for (var limit = 20; limit < Size(history); limit++)
        {
            ContextReduction reduction;
            try
            {
                reduction = Window(limit, WindowPolicy.Sliding).Reduce(history);
            }
            catch (ContextOverflowException)
            {
                continue;
            }

            Orphans(reduction.Messages).ShouldBeEmpty($"limit {limit}");
        }
    }

    [Fact]
    public void A_text_only_tool_message_stays_with_what_it_answers()
    {
        List<ChatMessage> history = [User(Words(30)), ToolCalls("a"), new ChatMessage(ChatRole.Tool, Words(5)), Answer("x"), User("next")];
        for (var limit = 15; limit < Size(history); limit++)
            Window(limit, WindowPolicy.Sliding).Reduce(history).Messages.First().Role.ShouldBe(ChatRole.User, $"limit {limit}");
    }

    [Fact]
    public void A_user_message_after_an_answer_that_is_only_reasoning_is_still_the_users()
    {
        List<ChatMessage> history =
        [
            User("old"), Answer(Words(40)), User(Words(5)), new ChatMessage(ChatRole.Assistant, [new TextReasoningContent(Words(30))]),
            User("the newest"), ToolCalls("a"), ToolResults(Words(20), "a"), ToolCalls("b"), ToolResults(Words(20), "b"),
        ];
        var reduction = Window(50, WindowPolicy.Sliding).Reduce(history);
        reduction.Messages[0].ShouldBeSameAs(history[4]);
        reduction.Messages[^1].ShouldBeSameAs(history[^1]);
    }

    [Fact]
    public void Reasoning_stays_with_its_call()
    {
        List<ChatMessage> history =
        [
            User("u"), Answer(Words(60)), User("v"), new ChatMessage(ChatRole.Assistant, [new TextReasoningContent(Words(10))]), ToolCalls("a"), ToolResults("r", "a"),
        ];
        var reduction = Window(45).Reduce(history);
        reduction.Messages.ShouldBe(history.Skip(2));
    }

    [Fact]
    public void A_history_that_begins_with_the_assistant_is_cut_to_the_user()
    {
        List<ChatMessage> history = [Answer(Words(60)), Answer("a"), Answer("b"), User("u"), Answer("c")];
        Window(30, WindowPolicy.Sliding).Reduce(history).Messages[0].ShouldBeSameAs(history[3]);
        Window(30).Reduce(history).Messages[0].ShouldBeSameAs(history[3]);
    }

    [Fact]
    public void A_turn_longer_than_the_window_keeps_the_request_it_began_with()
    {
        List<ChatMessage> history = [User("the task")];
        for (var round = 0; round < 100; round++)
            history.AddRange([ToolCalls($"c{round}"), ToolResults(Words(10), $"c{round}")]);
        var reduction = Window(200).Reduce(history);
        reduction.Messages[0].ShouldBeSameAs(history[0]);
        reduction.Messages.Skip(1).ShouldBe(history.TakeLast(reduction.Messages.Count - 1));
        reduction.Report.TokensAfter.ShouldBeLessThanOrEqualTo(200);
    }

    [Fact]
    public void All_system_and_developer_messages_stay_in_order()
    {
        var developer = new ChatMessage(new ChatRole("Developer"), "d");
        List<ChatMessage> history = [SystemText("1"), User(Words(50)), developer, Answer(Words(50)), SystemText("2"), User("now"), SystemText("3")];
        Window(60).Reduce(history).Messages.ShouldBe([history[0], developer, history[4], history[5], history[6]]);
    }

    [Fact]
    public void A_system_message_between_call_and_result_does_not_part_them()
    {
        List<ChatMessage> history = [User(Words(40)), Answer(Words(40)), User("u"), ToolCalls("a"), SystemText("s"), ToolResults("r", "a"), Answer("done")];
        Window(70, WindowPolicy.Sliding).Reduce(history).Messages.ShouldBe(history.Skip(2));
        Window(39, WindowPolicy.Sliding).Reduce(history).Messages.ShouldBe([history[4], history[2], history[6]]);
    }

    [Fact]
    public void None_sends_everything_or_refuses()
    {
        List<ChatMessage> history = [User(Words(50)), Answer(Words(50)), User("u")];
        var exception = Should.Throw<ContextOverflowException>(() => Window(50, WindowPolicy.None).Reduce(history));
        exception.Tokens.ShouldBe(Size(history));
        exception.Limit.ShouldBe(50);
        Window(500, WindowPolicy.None, messages: 1).Reduce(history).Messages.ShouldBeSameAs(history);
    }

    [Fact]
    public void A_newest_message_that_alone_is_too_large_is_refused_and_not_dropped()
    {
        List<ChatMessage> history = [User("u"), Answer("a"), User(Words(100))];
        Should.Throw<ContextOverflowException>(() => Window(50).Reduce(history)).Message.ShouldContain("MaxContextTokens");
        Should.Throw<ContextOverflowException>(() => Window(50).Reduce([SystemText(Words(100)), User("u")]));
    }

    [Fact]
    public void A_limit_on_messages_counts_no_system_messages_and_cuts_to_half()
    {
        List<ChatMessage> history = [SystemText("s")];
        for (var turn = 0; turn < 5; turn++)
            history.AddRange([User($"u{turn}"), Answer($"a{turn}")]);
        Window(10_000, messages: 10).Reduce(history).Messages.ShouldBeSameAs(history);
        history.Add(User("u5"));
        var reduction = Window(10_000, messages: 10).Reduce(history);
        reduction.Messages.ShouldBe([history[0], .. history.TakeLast(5)]);
        reduction.Report.Reason.ShouldBe(ReductionReason.Messages);
        Window(10_000, WindowPolicy.Sliding, messages: 10).Reduce(history).Messages.Count.ShouldBeInRange(10, 11);
    }

    [Fact]
    public void Parallel_results_that_exceed_the_limit_on_messages_stay_together()
    {
        var ids = Enumerable.Range(0, 10).Select(static id => $"c{id}").ToArray();
        List<ChatMessage> history = [User("u"), ToolCalls(ids), .. ids.Select(static id => ToolResults("r", id))];
        var reduction = Window(10_000, messages: 4).Reduce(history);
        Orphans(reduction.Messages).ShouldBeEmpty();
        reduction.Messages.Count.ShouldBe(12);
    }

    [Fact]
    public void Calibration_moves_the_marks()
    {
        List<ChatMessage> history = [User(Words(40)), Answer(Words(40)), User(Words(10))];
        var size = Size(history);
        Window(size).Reduce(history, calibration: new TokenCalibration(1)).Messages.ShouldBeSameAs(history);
        Window(size).Reduce(history, calibration: new TokenCalibration(1.5)).Messages.ShouldBe([history[2]]);
        Window((long)(size * 0.8)).Reduce(history, calibration: new TokenCalibration(0.75)).Messages.ShouldBeSameAs(history);
        Should.Throw<ContextOverflowException>(() => Window(20).Reduce(history, calibration: new TokenCalibration(2))).Tokens.ShouldBe(34);
    }

    [Fact]
    public async Task As_a_chat_reducer_it_does_the_same()
    {
        List<ChatMessage> history = [User(Words(50)), Answer("a"), User("u")];
        IChatReducer reducer = Window(30);
        (await reducer.ReduceAsync(history.Select(static message => message), default)).ShouldBe([history[2]]);
        (await reducer.ReduceAsync(history[2..], default)).ShouldBe([history[2]]);
    }

    [Fact]
    public void Limits_that_contradict_each_other_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Window(0));
        Should.Throw<ArgumentOutOfRangeException>(() => Window(10, low: 11)).Message.ShouldContain("low-water mark");
        Should.Throw<ArgumentOutOfRangeException>(() => Window(10, messages: -1));
    }

    [Fact]
    public void An_empty_history_stays_empty() => Window(10).Reduce([]).Messages.ShouldBeEmpty();
}
