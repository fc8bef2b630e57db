using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Tests.CompilerServices;
using TokenBudget.Tests.Costs;

namespace TokenBudget.Tests.Calls;

/// <summary>Calls that stop at a paused budget, and go on.</summary>
public sealed class PausedCallTests
{
    // Ten dollars a million output tokens: 100 tokens of output are a tenth of a cent.
    private static readonly BudgetSettings Paused = new() { LimitUsd = 0.0015m, MaxOutputTokens = 100, AtLimit = AtLimit.Pause };

    private static readonly ChatOptions Tools = new() { Tools = [AIFunctionFactory.Create(static (string city) => city.Length, "tool0")] };

    private static FakeReply[] Rounds() => [FakeReply.Calls("Looking.", Agent.Call("a", "tool0", ("city", "Oslo"))).With(100, 100), FakeReply.Text("Done.", 200, 20)];

    [Fact]
    public async Task A_call_goes_on_where_it_stopped_and_its_turn_is_appended_whole()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(Rounds());
        var conversation = new Conversation();
        var paused = await Should.ThrowAsync<BudgetPausedException>(() => sample.Bind(fake, Paused).AskAsync(ReplyFormat.Text, "q", conversation, Tools));
        conversation.Messages.ShouldBeEmpty("the conversation is as it was");
        paused.Messages.Shape().ShouldBe(["user: q", "assistant: Looking., call a", "tool: result a=4"]);
        sample.ShouldHoldNothing();
        (await Should.ThrowAsync<BudgetPausedException>(() => paused.ResumeAsync<string>())).Status.IsPaused.ShouldBeTrue();

        await sample.Runtime.Costs.ApproveAsync("Writer", Usd.FromDollars(1));
        (await paused.ResumeAsync<string>()).ShouldBe("Done.");
        fake.Requests.Count.ShouldBe(2, "the first round was paid and is not asked again");
        conversation.Messages.Shape().ShouldBe(["user: q", "assistant: Looking., call a", "tool: result a=4", "assistant: Done."]);
        (await sample.LinesAsync()).Count(static line => line.Outcome == LedgerOutcome.Completed).ShouldBe(2);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_response_that_was_resumed_has_the_usage_of_all_rounds()
    {
        await using var sample = new CallSample();
        var method = sample.Bind(new FakeChatClient(Rounds()), Paused with { Cached = true, CacheScope = CacheScope.Global });
        var paused = await Should.ThrowAsync<BudgetPausedException>(() => method.AskAsync(ReplyFormat.Response, "q", options: Tools));
        await sample.Runtime.Costs.ApproveAsync("Writer", Usd.FromDollars(1));
        (await paused.ResumeAsync<ChatResponse>()).Usage!.OutputTokenCount.ShouldBe(120);
    }

    [Fact]
    public async Task Equal_calls_that_share_an_answer_each_continue_their_own_conversation()
    {
        var gate = new TaskCompletionSource();
        await using var sample = new CallSample(ledger: new FailingLedger { SumGate = gate.Task });
        var fake = new FakeChatClient(FakeReply.Text("Done.", 100, 10));
        var method = sample.Bind(fake, Paused with { LimitUsd = 0.0001m, Cached = true, CacheScope = CacheScope.Global });
        // Of equal calls the first fails alone; the second tries again, and the others may get its failure.
        Conversation[] conversations = [.. Enumerable.Range(0, 8).Select(static _ => new Conversation())];
        var calls = conversations.Select(conversation => method.AskAsync(ReplyFormat.Text, "q", conversation)).ToList();
        gate.SetResult();
        var pauses = new List<BudgetPausedException>();
        foreach (var call in calls)
            pauses.Add(await Should.ThrowAsync<BudgetPausedException>(() => call));
        await sample.Runtime.Costs.ApproveAsync("Writer", Usd.FromDollars(1));
        foreach (var pause in pauses)
            (await pause.ResumeAsync<string>()).ShouldBe("Done.");
        foreach (var conversation in conversations)
            conversation.Messages.Shape().ShouldBe(["user: q", "assistant: Done."]);
    }

    [Fact]
    public async Task A_plain_client_can_be_resumed_too()
    {
        await using var sample = new CallSample();
        var client = sample.Client(new FakeChatClient(FakeReply.Text("one", 10, 100), FakeReply.Text("two", 10, 10)), Paused);
        await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hello")]);
        var paused = await Should.ThrowAsync<BudgetPausedException>(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, "again")]));
        await sample.Runtime.Costs.ApproveAsync("Writer", Usd.FromDollars(1));
        (await paused.ResumeAsync<ChatResponse>()).Text.ShouldBe("two");
    }

    [Fact]
    public async Task A_stream_carries_its_messages_to_send_again()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient([.. Rounds()]);
        var paused = await Should.ThrowAsync<BudgetPausedException>(async () => await sample.Bind(fake, Paused).StreamAsync("q", options: Tools).ToChatResponseAsync());
        await Should.ThrowAsync<InvalidOperationException>(() => paused.ResumeAsync<ChatResponse>());
        await sample.Runtime.Costs.ApproveAsync("Writer", Usd.FromDollars(1));
        (await sample.Client(fake, Paused).GetStreamingResponseAsync(paused.Messages).ToChatResponseAsync()).Text.ShouldBe("Done.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_waiting_call_goes_on_in_the_next_period_with_its_rounds(bool streaming)
    {
        await using var sample = new CallSample();
        var conversation = new Conversation();
        var fake = new FakeChatClient(Rounds());
        var method = sample.Bind(fake, Paused with { AtLimit = AtLimit.Wait, Period = BudgetPeriod.Hour });
        var toolHasRun = new TaskCompletionSource();
        var tools = new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => toolHasRun.TrySetResult() ? city.Length : -1, "tool0")] };
        var call = streaming
            ? AnswerAsync()
            : method.AskAsync(ReplyFormat.Text, "q", conversation, tools);
        await toolHasRun.Task.WaitAsync(Eventually.Patience);
        while (sample.Time.PendingTimers == 0)
            await Task.Yield();
        sample.Time.Advance(TimeSpan.FromHours(1));
        (await call.WaitAsync(Eventually.Patience)).ShouldEndWith("Done.");
        conversation.Messages.Where(static message => message.Contents.Count > 0).Count().ShouldBe(4);

        async Task<string> AnswerAsync() => (await method.StreamAsync("q", conversation, tools).ToChatResponseAsync()).Messages[^1].Text;
    }
}
