using System.Net;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.Calls;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Models;
using TokenBudget.Retries;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>A result with what it took, and conversations named by their id.</summary>
public sealed class AgentReplyTests
{
    private static Task<AgentReply<T>> AskAsync<T>(AgentMethod method, ReplyFormat<T> format, string question, ChatOptions? options = null)
    {
        var call = method.Begin();
        call.Options(options);
        call.UserMessage("question", question);
        return call.InvokeReplyAsync(format, default);
    }

    [Fact]
    public async Task All_rounds_are_added_up_as_the_ledger_has_them()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(
            FakeReply.Calls(null, Agent.Call("a", "tool")).With(100, 10),
            FakeReply.Text("Done.", 200, 20) with { ModelId = "words-1-2026" });
        var reply = await AskAsync(sample.Bind(fake), ReplyFormat.Text, "q", new ChatOptions { Tools = [AIFunctionFactory.Create(static () => 1, "tool")] });
        reply.Value.ShouldBe("Done.");
        (reply.Usage.TotalInput, reply.Usage.TotalOutput, reply.Requests, reply.Retries, reply.IsEstimate).ShouldBe((300, 30, 2, 0, false));
        reply.Cost.ShouldBe(Usd.FromDollars(0.0006m));
        reply.Cost.PicoDollars.ShouldBe((await sample.LinesAsync()).Sum(static line => line.Cost.PicoDollars));
        (reply.ModelId, reply.Cache, reply.Waited, reply.TrimmedTokens, reply.IsSummarized).ShouldBe(("words-1-2026", null, TimeSpan.Zero, 0, false));
    }

    [Fact]
    public async Task What_is_not_reported_is_counted_and_says_so()
    {
        await using var sample = new CallSample();
        var reply = await AskAsync(sample.Bind(new FakeChatClient(FakeReply.Text("one two"))), ReplyFormat.Text, "q");
        reply.IsEstimate.ShouldBeTrue();
        reply.Usage.TotalOutput.ShouldBeGreaterThan(2);
        reply.ModelId.ShouldBe(CallSample.Model);
    }

    [Fact]
    public async Task A_cached_answer_took_nothing()
    {
        await using var sample = new CallSample();
        var method = sample.Bind(new FakeChatClient(FakeReply.Text("x", 100, 10) with { ModelId = "m" }), new BudgetSettings { Cached = true, CacheScope = CacheScope.Global });
        (await AskAsync(method, ReplyFormat.Text, "q")).Cache.ShouldBe(CacheOutcome.Miss);
        var hit = await AskAsync(method, ReplyFormat.Text, "q");
        (hit.Value, hit.Cache, hit.Usage.Total, hit.Cost, hit.Requests, hit.ModelId).ShouldBe(("x", CacheOutcome.Hit, 0, Usd.Zero, 0, "m"));
    }

    [Fact]
    public async Task Retries_and_what_the_window_cut_are_told()
    {
        await using var sample = new CallSample(static options => options.Retries.MaxAttempts = 3);
        var fake = new FakeChatClient(FakeReply.Fails(new HttpRequestException("overloaded", null, HttpStatusCode.ServiceUnavailable)), FakeReply.Text("x", 10, 1));
        var method = sample.Bind(fake, new BudgetSettings { MaxMessages = 1, Window = WindowPolicy.Sliding });
        var call = method.Begin();
        call.Messages("history", [new ChatMessage(ChatRole.User, "one two three"), new ChatMessage(ChatRole.Assistant, "four five")]);
        call.UserMessage("question", "q");
        var running = call.InvokeReplyAsync(ReplyFormat.Text, default);
        await fake.ArrivedAsync(1);
        await sample.Time.AdvanceUntilAsync(running);
        var reply = await running;
        (reply.Retries, reply.Requests).ShouldBe((1, 1));
        // Both requests left out the same 5 words and 2 frames.
        reply.TrimmedTokens.ShouldBe(2 * (5 + 8));
    }

    [Fact]
    public async Task A_budget_that_is_off_still_tells_what_the_provider_said()
    {
        await using var sample = new CallSample(static options => options.Enabled = false);
        var reply = await AskAsync(sample.Bind(new FakeChatClient(FakeReply.Text("x", 7, 3) with { ModelId = "m" })), ReplyFormat.Text, "q");
        (reply.Usage.Total, reply.ModelId, reply.Cost).ShouldBe((10, "m", Usd.Zero));
    }

    [Fact]
    public async Task A_conversation_named_by_its_id_is_begun_and_continued()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("one"), FakeReply.Text("two"));
        var method = sample.Bind(fake);
        foreach (var question in (string[])["first", "second"])
        {
            var call = method.Begin();
            call.ConversationId("id", "customer-7");
            call.UserMessage("question", question);
            await call.InvokeAsync(ReplyFormat.Text, default);
        }

        fake.Requests[1].Messages.Shape().ShouldBe(["user: first", "assistant: one", "user: second"]);
        (await sample.Runtime.OpenConversationAsync("customer-7")).Messages.Count.ShouldBe(4);
        Should.Throw<ArgumentException>(() => method.Begin().ConversationId("id", " ")).ParamName.ShouldBe("id");
    }

    [Fact]
    public async Task Of_two_calls_that_continue_one_conversation_the_second_to_end_is_told()
    {
        await using var sample = new CallSample();
        var gate = new TaskCompletionSource();
        var fake = new FakeChatClient(FakeReply.Text("late") with { Gate = gate.Task }, FakeReply.Text("early"));
        var method = sample.Bind(fake);
        var late = Ask("a");
        await fake.ArrivedAsync(1);
        await Ask("b");
        gate.SetResult();
        await Should.ThrowAsync<ConversationConflictException>(() => late);
        (await sample.Runtime.OpenConversationAsync("c")).Messages.Shape().ShouldBe(["user: b", "assistant: early"]);

        Task<string> Ask(string question)
        {
            var call = method.Begin();
            call.ConversationId("id", "c");
            call.UserMessage("question", question);
            return call.InvokeAsync(ReplyFormat.Text, default);
        }
    }
}
