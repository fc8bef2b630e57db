using Microsoft.Extensions.AI;
using TokenBudget.Windowing;
using static TokenBudget.Tests.Windowing.Histories;

namespace TokenBudget.Tests.Windowing;

/// <summary>Messages that are too old.</summary>
public sealed class AgeLimitTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static ContextWindow Window(TimeSpan age, WindowPolicy policy = WindowPolicy.Sliding) =>
        new(new ContextWindowOptions { MaxTokens = 10_000, MaxAge = age, Policy = policy }, Counter);

    [Fact]
    public void What_is_older_than_the_newest_message_by_more_is_left_out()
    {
        List<ChatMessage> history = [SystemText("s"), .. Turns(0, 10, 20, 30)];

        var (sent, report) = Window(TimeSpan.FromMinutes(20)).Reduce(history);

        sent.ShouldBe([history[0], .. history.Skip(3)]);
        report.Reason.ShouldBe(ReductionReason.Age);
        Window(TimeSpan.FromMinutes(30)).Reduce(history).Messages.ShouldBeSameAs(history);
        Window(TimeSpan.Zero).Reduce(history).Messages.ShouldBeSameAs(history);
        Window(TimeSpan.FromMinutes(1), WindowPolicy.None).Reduce(history).Messages.ShouldBeSameAs(history);
    }

    [Fact]
    public void An_economic_cut_leaves_half_of_it()
    {
        var history = Turns(0, 10, 20, 30, 40);

        Window(TimeSpan.FromMinutes(40), WindowPolicy.Economic).Reduce(history).Messages.ShouldBeSameAs(history);
        Window(TimeSpan.FromMinutes(39), WindowPolicy.Economic).Reduce(history).Messages.ShouldBe(history.Skip(6));
    }

    [Fact]
    public void A_message_without_a_time_is_as_old_as_the_one_before_it_and_without_any_there_is_no_age()
    {
        var history = Turns(0, 10, 20, 30);
        (history[0].CreatedAt, history[3].CreatedAt, history[5].CreatedAt) = (null, null, null);

        Window(TimeSpan.FromMinutes(20)).Reduce(history).Messages.ShouldBe(history.Skip(2));

        history.ForEach(static message => message.CreatedAt = null);
        Window(TimeSpan.FromMinutes(1)).Reduce(history).Messages.ShouldBeSameAs(history);
    }

    [Fact]
    public void An_answer_from_a_cache_is_as_old_as_its_question()
    {
        var history = Turns(0, 10, 20);
        history[^1].CreatedAt = Start.AddDays(-1);

        Window(TimeSpan.FromMinutes(20)).Reduce(history).Messages.ShouldBeSameAs(history);
    }

    [Fact]
    public void The_question_of_the_newest_turn_stays_however_old()
    {
        var history = Turns(0, 10);
        for (var round = 0; round < 10; round++)
            foreach (var message in new[] { ToolCalls($"c{round}"), ToolResults("r", $"c{round}") })
                history.Add(At(message, 20 + round));

        var sent = Window(TimeSpan.FromMinutes(3)).Reduce(history).Messages;

        sent[0].ShouldBeSameAs(history[2]);
        sent.Skip(1).ShouldBe(history.TakeLast(8));
    }

    [Fact]
    public void Parts_of_one_call_have_one_age()
    {
        List<ChatMessage> history = [At(User("u"), 0), At(ToolCalls("a"), 1), At(ToolResults("late", "a"), 60), At(User("v"), 61)];

        Window(TimeSpan.FromMinutes(10)).Reduce(history).Messages.ShouldBe([history[0], history[1], history[2], history[3]]);
    }

    [Fact]
    public void An_age_below_zero_is_refused() => Should.Throw<ArgumentOutOfRangeException>(() => Window(TimeSpan.FromMinutes(-1)));

    private static ChatMessage At(ChatMessage message, int minutes)
    {
        message.CreatedAt = Start.AddMinutes(minutes);
        return message;
    }

    private static List<ChatMessage> Turns(params int[] minutes) =>
        [.. minutes.SelectMany(static minute => new[] { At(User($"u{minute}"), minute), At(Answer($"a{minute}"), minute) })];
}
