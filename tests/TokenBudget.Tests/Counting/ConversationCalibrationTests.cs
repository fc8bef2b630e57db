using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;
using TokenBudget.Counting.Learning;

namespace TokenBudget.Tests.Counting;

/// <summary>What is learned from the reports of one conversation, and what others make of it.</summary>
public sealed class ConversationCalibrationTests
{
    private static readonly int Runs = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 100_000 : 1_000;

    private readonly TokenCalibration _agent = new(1);

    private static List<ChatMessage> Talk(string name, int turns, string? system = null)
    {
        List<ChatMessage> messages = system is null ? [] : [new(ChatRole.System, system)];
        messages.Add(new(ChatRole.User, $"{name} begins"));
        for (var turn = 1; turn < turns; turn++)
            messages.AddRange([new(ChatRole.Assistant, $"answer {turn} to {name}"), new(ChatRole.User, $"question {turn} of {name}")]);
        return messages;
    }

    private void Report(IReadOnlyList<ChatMessage> messages, long counted, long reported) => _agent.For(messages).Observe(counted, reported);

    private long Estimate(IReadOnlyList<ChatMessage> messages, long counted) => _agent.For(messages).ToProviderRequest(counted);

    [Fact]
    public void One_report_is_enough_for_the_conversation_it_is_of()
    {
        Report(Talk("a", 1), 100, 4_100);
        Estimate(Talk("a", 2), 200).ShouldBe(4_200);
        _agent.ToProviderRequest(200).ShouldBe(200, "one report is not enough for others");
        // As read from a store: other objects, the same texts.
        Estimate([.. Talk("a", 2).Select(static message => new ChatMessage(message.Role, message.Text))], 200).ShouldBe(4_200);
    }

    [Fact]
    public void Conversations_at_the_same_time_are_told_apart()
    {
        for (var turn = 1; turn <= 6; turn++)
        {
            foreach (var (name, hidden) in (ReadOnlySpan<(string, long)>)[("a", 4_000), ("b", 1_000), ("c", 300)])
            {
                var messages = Talk(name, turn, system: name);
                if (turn > 1)
                    Estimate(messages, turn * 500).ShouldBe((turn * 500) + hidden);
                Report(messages, turn * 500, (turn * 500) + hidden);
            }
        }
    }

    [Fact]
    public void A_wrong_report_lasts_for_one_request()
    {
        Report(Talk("a", 1), 1_000, 3_000);
        Report(Talk("a", 2), 1_100, 9_999);
        Estimate(Talk("a", 3), 1_200).ShouldBe(3_200, "of two reports and what was believed before them, the middle one");
        Report(Talk("a", 3), 1_200, 3_200);
        Estimate(Talk("a", 4), 1_300).ShouldBe(3_300);
        Report(Talk("a", 4), 1_300, 3_300);
        Estimate(Talk("a", 5), 1_400).ShouldBe(3_400);
    }

    [Fact]
    public void A_wrong_first_report_is_outvoted_by_what_was_believed_before()
    {
        Report(Talk("a", 1), 1_000, 8_000);
        Report(Talk("a", 2), 1_100, 1_100);
        Estimate(Talk("a", 3), 1_200).ShouldBe(1_200);
    }

    [Fact]
    public void A_single_report_far_from_what_is_believed_needs_another_one()
    {
        Report(Talk("a", 1), 1_000, 1_000_000);
        Estimate(Talk("a", 2), 1_100).ShouldBe(1_100);
        Report(Talk("a", 2), 1_100, 31_100);
        Estimate(Talk("a", 3), 1_200).ShouldBe(31_200);
    }

    [Fact]
    public void A_new_conversation_is_believed_to_be_like_others_with_its_system_messages()
    {
        for (var talk = 0; talk < 3; talk++)
        {
            Report(Talk($"s{talk}", 1, "sales"), 100, 2_100);
            Report(Talk($"h{talk}", 1, "help"), 100, 700);
        }

        Estimate(Talk("new", 1, "sales"), 1_000).ShouldBe(3_000);
        Estimate(Talk("new", 1, "help"), 1_000).ShouldBe(1_600);
    }

    [Fact]
    public void One_odd_conversation_says_nothing_of_the_next()
    {
        foreach (var (name, hidden) in (ReadOnlySpan<(string, long)>)[("a", 400), ("b", 400), ("odd", 7_000)])
            for (var turn = 1; turn <= 5; turn++)
                Report(Talk(name, turn), turn * 100, (turn * 100) + hidden);
        Estimate(Talk("next", 1), 100).ShouldBe(500);
    }

    [Fact]
    public void Branches_of_a_conversation_go_on_by_themselves()
    {
        var common = Talk("a", 2);
        Report(common, 1_000, 2_000);
        List<ChatMessage> left = [.. common, new(ChatRole.Assistant, "left"), new(ChatRole.User, "l")];
        List<ChatMessage> right = [.. common, new(ChatRole.Assistant, "right"), new(ChatRole.User, "r")];
        for (var call = 0; call < 3; call++)
        {
            Report(left, 1_100, 6_100);
            left = [.. left, new(ChatRole.Assistant, "more"), new(ChatRole.User, "l")];
        }

        Estimate(right, 1_100).ShouldBe(2_100);
        Estimate(left, 1_100).ShouldBe(6_100);
    }

    [Fact]
    public void Tool_rounds_are_one_conversation()
    {
        List<ChatMessage> messages = [new(ChatRole.User, "look")];
        Report(messages, 100, 1_100);
        messages.Add(new(ChatRole.Assistant, [new FunctionCallContent("1", "look")]));
        messages.Add(new(ChatRole.Tool, [new FunctionResultContent("1", "seen")]));
        Estimate(messages, 150).ShouldBe(1_150);
        messages[^1] = new(ChatRole.Tool, [new FunctionResultContent("2", "seen")]);
        Report(messages, 150, 400);
        Estimate([.. messages[..^1], new(ChatRole.Tool, [new FunctionResultContent("1", "seen")]), new(ChatRole.User, "go on")], 150).ShouldBe(1_150, "another call's result is another conversation's");
    }

    [Fact]
    public void Neither_an_empty_nor_a_long_history_is_a_problem()
    {
        Report([], 1_000, 1_500);
        var messages = Talk("long", 2_000);
        Report(messages, 1_000, 3_000);
        messages.AddRange([new(ChatRole.Assistant, "yes"), new(ChatRole.User, "no")]);
        Estimate(messages, 1_100).ShouldBe(3_100);
        Should.Throw<ArgumentNullException>(() => _agent.For(null!));
    }

    [Fact]
    public void The_table_of_requests_is_bounded()
    {
        var table = new RecentTable<object>(100);
        var kept = new object();
        table.Set(1, kept);
        for (var key = 2UL; key < 100_000; key++)
        {
            table.Set(key, new object());
            if (key % 50 == 0)
                table.Find(1).ShouldBeSameAs(kept, "what is asked for stays");
            table.Count.ShouldBeLessThanOrEqualTo(200);
        }

        table.Find(2).ShouldBeNull();
    }

    [Fact]
    public void Whatever_is_reported_estimates_stay_within_their_bounds()
    {
        var numbers = Gen.OneOf(Gen.Choose(-10, 300_000).Select(static number => (long)number), Gen.Elements(0L, 199, 200, long.MaxValue, long.MinValue));
        var steps = Gen.Choose(0, 5).Zip(numbers).Zip(numbers).ArrayOf(60);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Runs),
            Prop.ForAll(steps.ToArbitrary(), static steps =>
            {
                var agent = new TokenCalibration(1.2);
                var turns = new int[6];
                foreach (var ((talk, counted), reported) in steps)
                {
                    var request = agent.For(Talk($"{talk}", ++turns[talk], system: $"{talk % 2}"));
                    request.Observe(counted, reported);
                    foreach (var line in (ReadOnlySpan<TokenCalibration>)[request, agent])
                    {
                        line.Ratio.ShouldBeInRange(0.7, 2.5);
                        line.Constant.ShouldBeInRange(-32_768, 65_536);
                        line.ToProviderRequest(1_000).ShouldBeInRange(700, 68_036);
                        line.ToCountedRequest(10_000).ShouldBeInRange(1_000, 14_286);
                    }
                }
            }));
    }

    [Fact]
    public void One_wrong_report_in_seven_moves_no_conversation_for_longer_than_a_request()
    {
        var hidden = Gen.Choose(0, 8_000);
        var lies = Gen.Choose(200, 2_000_000);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Runs),
            Prop.ForAll(hidden.Zip(lies.ArrayOf(4)).Zip(Gen.Choose(2, 6)).ToArbitrary(), static sample =>
            {
                var ((constant, wrong), offset) = sample;
                var agent = new TokenCalibration(1);
                for (var turn = 1; turn <= 28; turn++)
                {
                    var request = agent.For(Talk("a", turn));
                    var isWrong = turn % 7 == offset;
                    if (turn > 3)
                        request.ToProviderRequest(5_000 + (turn * 100)).ShouldBeInRange(
                            (long)((5_000 + (turn * 100) + constant) * 0.96), (long)((5_000 + (turn * 100) + constant) * 1.04) + 1);
                    request.Observe(5_000 + (turn * 100), isWrong ? wrong[turn / 7 % 4] : 5_000 + (turn * 100) + constant);
                }
            }));
    }

    [Fact]
    public void Callers_at_the_same_time_learn_what_is_true()
    {
        Parallel.For(0, 8, talk =>
        {
            for (var turn = 1; turn <= 50; turn++)
                Report(Talk($"{talk}", turn), turn * 100, (turn * 100) + 1_000);
        });
        _agent.Samples.ShouldBe(400);
        _agent.ToProviderRequest(1_000).ShouldBeInRange(1_940, 2_060);
    }
}
