using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>Rounds of model and tools.</summary>
public sealed class ToolLoopTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;

    private static ChatOptions Tools(params Delegate[] tools) =>
        new() { Tools = [.. tools.Select(static (tool, index) => AIFunctionFactory.Create(tool, $"tool{index}"))] };

    private static FakeReply[] TwoRounds() =>
    [
        FakeReply.Calls("Looking.", Agent.Call("a", "tool0", ("city", "Oslo")), Agent.Call("b", "tool0", ("city", "Rome"))).With(100, 10),
        FakeReply.Calls(null, Agent.Call("c", "tool0", ("city", "Bern"))).With(200, 20),
        FakeReply.Text("Done.", 300, 30),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Parallel_calls_run_and_the_whole_turn_is_appended(bool streaming)
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(TwoRounds());
        var conversation = new Conversation();
        var options = Tools(static (string city) => city.Length);
        var response = streaming
            ? await sample.Bind(fake).StreamAsync("q", conversation, options).ToChatResponseAsync()
            : await sample.Bind(fake).AskAsync(ReplyFormat.Response, "q", conversation, options);
        string[] turn =
        [
            "assistant: Looking., call a, call b", "tool: result a=4, result b=4", "assistant: call c", "tool: result c=4", "assistant: Done.",
        ];
        response.Messages.Where(static message => message.Contents.Count > 0).Shape().ShouldBe(turn);
        conversation.Messages.Where(static message => message.Contents.Count > 0).Shape().ShouldBe(["user: q", .. turn]);
        (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount).ShouldBe((600, 60));
        (await sample.LinesAsync()).Select(static line => line.Usage.TotalInput).ShouldBe([100, 200, 300]);
        fake.Requests[2].Messages.Shape().ShouldBe(["user: q", .. turn.SkipLast(1)]);
    }

    [Fact]
    public async Task Tools_of_one_round_run_at_the_same_time()
    {
        await using var sample = new CallSample();
        var both = new CountdownEvent(2);
        var options = Tools(async (string city) =>
        {
            both.Signal();
            await Task.Run(() => both.Wait(Guard));
            return city;
        });
        (await sample.Bind(new FakeChatClient(TwoRounds()[0], FakeReply.Text("Done."))).AskAsync(ReplyFormat.Text, "q", options: options).WaitAsync(Guard)).ShouldBe("Done.");
        both.IsSet.ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_tool_throws_is_its_result_without_its_text()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(TwoRounds()[0], FakeReply.Text("Sorry."));
        await sample.Bind(fake).AskAsync(ReplyFormat.Text, "q", options: Tools(string (string city) => throw new InvalidOperationException("password 123")));
        var result = fake.Requests[1].Messages[^1].Contents.OfType<FunctionResultContent>().First();
        result.Result.ShouldBe("Error: the tool failed with InvalidOperationException.");
    }

    [Fact]
    public async Task Calls_of_unknown_tools_are_the_callers_to_handle()
    {
        await using var sample = new CallSample();
        var ran = 0;
        var reply = FakeReply.Calls(null, Agent.Call("a", "tool0"), Agent.Call("b", "unknown"));
        var response = await sample.Bind(new FakeChatClient(reply)).AskAsync(ReplyFormat.Response, "q", options: Tools(() => ran++));
        response.Messages.Shape().ShouldBe(["assistant: call a, call b"]);
        ran.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_the_client_has_answered_itself_are_not_run_again(bool streaming)
    {
        await using var sample = new CallSample();
        var ran = 0;
        var reply = FakeReply.Text("x") with
        {
            Messages =
            [
                new ChatMessage(ChatRole.Assistant, [Agent.Call("a", "tool0")]),
                new ChatMessage(ChatRole.Tool, [new FunctionResultContent("a", "done inside")]),
                new ChatMessage(ChatRole.Assistant, "Done."),
            ],
        };
        var method = sample.Bind(new FakeChatClient(reply));
        var response = streaming
            ? await method.StreamAsync("q", options: Tools(() => ran++)).ToChatResponseAsync()
            : await method.AskAsync(ReplyFormat.Response, "q", options: Tools(() => ran++));
        response.Text.ShouldBe("Done.");
        ran.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_round_ends_the_call_and_nothing_is_appended(bool streaming)
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Calls(null, Agent.Call("a", "tool0")).With(10, 1) };
        var conversation = new Conversation();
        var ran = 0;
        var method = sample.Bind(fake, new BudgetSettings { MaxRounds = 3 });
        var exception = await Should.ThrowAsync<RoundLimitExceededException>(() => streaming
            ? method.StreamAsync("q", conversation, Tools(() => ran++)).ToChatResponseAsync()
            : method.AskAsync(ReplyFormat.Response, "q", conversation, Tools(() => ran++)));
        exception.MaxRounds.ShouldBe(3);
        (fake.Requests.Count, ran).ShouldBe((3, 2));
        conversation.Messages.ShouldBeEmpty();
        (await sample.LinesAsync()).Count.ShouldBe(3);
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_round_is_admitted_by_itself(bool streaming)
    {
        await using var sample = new CallSample();
        // Enough for the first round, whose answer uses nearly all of it, and not for the second.
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Calls(null, Agent.Call("a", "tool0")).With(10, 990) };
        var method = sample.Bind(fake, new BudgetSettings { LimitUsd = 0.0115m, MaxOutputTokens = 1_000 });
        var ran = 0;
        await Should.ThrowAsync<TokenBudget.Costs.BudgetExceededException>(() => streaming
            ? method.StreamAsync("q", options: Tools(() => ran++)).ToChatResponseAsync()
            : method.AskAsync(ReplyFormat.Response, "q", options: Tools(() => ran++)));
        (fake.Requests.Count, ran).ShouldBe((1, 1));
        (await sample.LinesAsync()).Count.ShouldBe(1);
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_a_person_decides_about_are_asked_for_and_hold_up_all_others_of_their_round(bool streaming)
    {
        await using var sample = new CallSample();
        var ran = 0;
        var options = Tools(() => ran++);
        options.Tools!.Add(new ApprovalRequiredAIFunction(AIFunctionFactory.Create(() => ran++, "delete")));
        var conversation = new Conversation();
        var fake = new FakeChatClient(FakeReply.Calls("May I?", Agent.Call("a", "tool0"), Agent.Call("b", "delete")));
        var method = sample.Bind(fake);
        var response = streaming
            ? await method.StreamAsync("q", conversation, options).ToChatResponseAsync()
            : await method.AskAsync(ReplyFormat.Response, "q", conversation, options);
        var contents = response.Messages.SelectMany(static message => message.Contents).ToList();
        contents.OfType<FunctionCallContent>().ShouldHaveSingleItem().CallId.ShouldBe("a");
        contents.OfType<ToolApprovalRequestContent>().ShouldHaveSingleItem().ToolCall.CallId.ShouldBe("b");
        (ran, fake.Requests.Count).ShouldBe((0, 1));
    }

    [Fact]
    public async Task Cancelling_a_tool_cancels_the_call()
    {
        await using var sample = new CallSample();
        using var cancellation = new CancellationTokenSource();
        var options = Tools((string city, CancellationToken token) =>
        {
            cancellation.Cancel();
            token.ThrowIfCancellationRequested();
        });
        await Should.ThrowAsync<OperationCanceledException>(
            () => sample.Bind(new FakeChatClient(TwoRounds())).AskAsync(ReplyFormat.Text, "q", options: options, cancellationToken: cancellation.Token).WaitAsync(Guard));
        sample.ShouldHoldNothing();
    }
}
