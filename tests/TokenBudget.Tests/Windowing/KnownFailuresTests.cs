using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Tests.Calls;
using TokenBudget.Tests.CompilerServices;
using TokenBudget.Windowing;
using static TokenBudget.Tests.Windowing.Histories;

namespace TokenBudget.Tests.Windowing;

/// <summary>What users of other windows have reported as broken, each as what must hold; those not here are with the part they concern.</summary>
public sealed class KnownFailuresTests
{
    private static ContextWindow Window(long tokens, WindowPolicy policy = WindowPolicy.Economic, int messages = 0) =>
        new(new ContextWindowOptions { MaxTokens = tokens, Policy = policy, MaxMessages = messages }, Counter);

    [Theory]
    [InlineData(WindowPolicy.Economic)]
    [InlineData(WindowPolicy.Sliding)]
    public void Neither_an_empty_request_nor_one_of_system_messages_alone_comes_out_of_a_conversation(WindowPolicy policy)
    {
        List<ChatMessage> history = [SystemText("be brief"), User("u"), Answer(Words(20)), User(Words(30)), ToolCalls("a"), ToolResults(Words(50), "a")];
        for (var limit = 1; limit < Size(history); limit++)
        {
            try
            {
                var sent = Window(limit, policy, messages: 1).Reduce(history).Messages;
                sent.ShouldContain(history[3], $"limit {limit}");
                sent[^1].HasResults().ShouldBeTrue($"limit {limit}");
            }
            catch (ContextOverflowException exception)
            {
                exception.Limit.ShouldBe(limit);
            }
        }
    }

    [Theory]
    [InlineData(WindowPolicy.Economic)]
    [InlineData(WindowPolicy.Sliding)]
    public void The_newest_call_and_its_result_are_never_evicted_however_long_the_turn(WindowPolicy policy)
    {
        List<ChatMessage> history = [User("the task")];
        for (var round = 0; round < 60; round++)
        {
            history.AddRange([ToolCalls($"c{round}"), ToolResults(Words(round % 7 == 6 ? 500 : 25), $"c{round}")]);
            var sent = Window(200, policy).Reduce(history).Messages;
            sent[^2].ShouldBeSameAs(history[^2]);
            ((FunctionResultContent)sent[^1].Contents[0]).CallId.ShouldBe($"c{round}");
            Size(sent).ShouldBeLessThanOrEqualTo(200);
        }
    }

    [Fact]
    public void A_report_says_what_went_and_why_and_what_it_was_worth()
    {
        List<ChatMessage> history = [SystemText("s"), User(Words(50)), Answer(Words(50)), User("now")];
        var (sent, report) = Window(60).Reduce(history);
        report.ShouldSatisfyAllConditions(
            it => it.IsReduced.ShouldBeTrue(),
            it => it.Reason.ShouldBe(ReductionReason.Tokens),
            it => (it.TokensBefore, it.TokensAfter).ShouldBe((Size(history), Size(sent))),
            it => (it.MessagesBefore, it.MessagesAfter, it.TailStart).ShouldBe((4, 2, 3)));
    }

    [Fact]
    public void A_message_in_the_middle_that_is_too_big_takes_what_is_before_it_along()
    {
        List<ChatMessage> history = [User("small"), Answer("small"), User("u"), Answer(Words(90)), User("v"), Answer("w"), User("now")];
        Window(60, WindowPolicy.Sliding).Reduce(history).Messages.ShouldBe(history.Skip(4));
        Window(60).Reduce(history).Messages.ShouldBe(history.Skip(4));
    }

    [Fact]
    public void What_is_sent_are_the_callers_own_messages_and_they_are_as_they_were()
    {
        List<ChatMessage> history = [SystemText("s"), User(Words(50)), Answer(Words(50)), User("u"), ToolCalls("a"), ToolResults(Words(10), "a")];
        var before = Json(history);
        var sent = Window(60).Reduce(history).Messages;
        sent.Count.ShouldBeLessThan(history.Count);
        sent.ShouldAllBe(message => history.Any(own => ReferenceEquals(own, message)));
        Json(history).ShouldBe(before);
    }

    [Fact]
    public async Task The_window_is_applied_before_every_request_of_a_tool_loop()
    {
        await using var sample = new CallSample();
        FakeReply[] rounds = [.. Enumerable.Range(0, 12).Select(static round => FakeReply.Calls(null, Agent.Call($"c{round}", "read", ("page", round))))];
        var fake = new FakeChatClient([.. rounds, FakeReply.Text("done")]);
        var method = sample.Bind(fake, new BudgetSettings { MaxContextTokens = 700, MaxOutputTokens = 20, MaxRounds = 20 });
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(static (int page) => Words(30 + page), "read")] };

        (await method.AskAsync(ReplyFormat.Text, "read all", options: options)).ShouldBe("done");

        fake.Requests.Count.ShouldBe(13);
        var room = 700 - 20 - sample.Runtime.Counters.For(CallSample.Model).Messages.Count(options);
        foreach (var request in fake.Requests)
        {
            Size(request.Messages).ShouldBeLessThanOrEqualTo(room);
            Orphans(request.Messages).ShouldBeEmpty();
            request.Messages[0].Text.ShouldBe("read all");
        }

        fake.Requests[^1].Messages.Count.ShouldBeLessThan(25);
    }

    [Fact]
    public async Task Tools_and_instructions_count_from_the_first_request_on()
    {
        await using var sample = new CallSample();
        var options = new ChatOptions { Instructions = Words(160), Tools = [AIFunctionFactory.Create(static (int page) => page, "read", Words(40))] };
        List<ChatMessage> history = [User(Words(500)), Answer(Words(20)), User("now")];
        var fake = new FakeChatClient(FakeReply.Text("a"), FakeReply.Text("b"));
        var settings = new BudgetSettings { MaxContextTokens = 700, MaxOutputTokens = 20, Window = WindowPolicy.Sliding };

        await sample.Client(fake, settings).GetResponseAsync(history);
        await sample.Client(fake, settings).GetResponseAsync(history, options);

        fake.Requests[0].Messages.Count.ShouldBe(3);
        fake.Requests[1].Messages.ShouldHaveSingleItem().Text.ShouldBe("now");
    }
}
