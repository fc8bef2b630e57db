using Microsoft.Extensions.AI;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Tests.Calls;

namespace TokenBudget.Tests.CompilerServices;

/// <summary>Turns are appended whole or not at all; repeated calls are answered once.</summary>
public sealed class ConversationTurnTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;

    [Fact]
    public async Task A_turn_continues_the_conversation_and_survives_in_the_store()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("one"), FakeReply.Text("two"), FakeReply.Text("three"));
        var method = sample.Bind(fake, systemPrompt: "be brief");
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        await method.AskAsync(ReplyFormat.Text, "1", conversation);
        await method.StreamAsync("2", conversation).ToChatResponseAsync();
        var reopened = await sample.Runtime.OpenConversationAsync("c");
        await method.AskAsync(ReplyFormat.Text, "3", reopened);
        fake.Requests[2].Texts.Where(static text => text.Length > 0).ShouldBe(["be brief", "1", "one", "2", "two", "3"]);
        reopened.Messages.ShouldAllBe(static message => message.Role != ChatRole.System);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_appended_when_the_call_fails(bool streaming)
    {
        await using var sample = new CallSample();
        var conversation = await sample.Runtime.OpenConversationAsync("c");
        var method = sample.Bind(new FakeChatClient(FakeReply.Text("one two three") with { Failure = new IOException(), UpdatesBeforeFailure = 1 }));
        await Should.ThrowAsync<IOException>(() => streaming
            ? method.StreamAsync("q", conversation).ToChatResponseAsync()
            : method.AskAsync(ReplyFormat.Response, "q", conversation));
        conversation.Version.ShouldBe(0);
        (await sample.Runtime.OpenConversationAsync("c")).Version.ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_is_appended_when_a_stream_is_left()
    {
        await using var sample = new CallSample();
        var conversation = new Conversation();
        await foreach (var _ in sample.Bind(new FakeChatClient(FakeReply.Text("one two three"))).StreamAsync("q", conversation))
            break;
        conversation.Version.ShouldBe(0);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task The_second_of_two_turns_at_once_is_told()
    {
        await using var sample = new CallSample();
        var gate = new TaskCompletionSource();
        var fake = new FakeChatClient(FakeReply.Text("slow") with { Gate = gate.Task }, FakeReply.Text("fast"));
        var method = sample.Bind(fake);
        var conversation = new Conversation();
        var slow = method.AskAsync(ReplyFormat.Text, "1", conversation);
        await method.AskAsync(ReplyFormat.Text, "2", conversation);
        gate.SetResult();
        await Should.ThrowAsync<ConversationConflictException>(() => slow.WaitAsync(Guard));
        conversation.Messages.Shape().ShouldBe(["user: 2", "assistant: fast"]);
    }

    [Fact]
    public async Task A_cached_repeat_is_one_provider_call_and_an_avoided_line()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient(FakeReply.Text("answer", 100, 10));
        var method = sample.Bind(fake, new BudgetSettings { Cached = true });
        var first = await method.AskAsync(ReplyFormat.Response, "q", tenant: "t");
        var second = await method.AskAsync(ReplyFormat.Response, "q", tenant: "t");
        fake.Requests.Count.ShouldBe(1);
        (first.Usage!.InputTokenCount, second.Usage!.InputTokenCount, second.Usage.OutputTokenCount).ShouldBe((100, 0, 0));
        second.Text.ShouldBe("answer");
        second.AdditionalProperties!["tokenbudget.cache"].ShouldBe("hit");
        var lines = await sample.LinesAsync();
        lines.Select(static line => line.Outcome).ShouldBe([LedgerOutcome.Completed, LedgerOutcome.Avoided]);
        lines[1].Cost.ShouldBe(lines[0].Cost);
        (lines[1].Usage.Total, lines[1].Tenant).ShouldBe((110, "t"));
        sample.Runtime.Costs.GetStatus()[0].Settled.ShouldBe(lines[0].Cost);
        sample.Runtime.RateLimits[0].Requests.ShouldBe(1);
        (await sample.Runtime.Ledger.SumCostAsync(new LedgerQuery())).ShouldBe(lines[0].Cost);
    }

    [Fact]
    public async Task Tenants_do_not_share_answers_unless_the_method_says_so()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => FakeReply.Text("answer") };
        var method = sample.Bind(fake, new BudgetSettings { Cached = true });
        await method.AskAsync(ReplyFormat.Text, "q", tenant: "alice");
        await method.AskAsync(ReplyFormat.Text, "q", tenant: "bob");
        await method.AskAsync(ReplyFormat.Text, "q");
        fake.Requests.Count.ShouldBe(3);
        var global = sample.Bind(fake, new BudgetSettings { Cached = true, CacheScope = CacheScope.Global });
        await global.AskAsync(ReplyFormat.Text, "other", tenant: "alice");
        await global.AskAsync(ReplyFormat.Text, "other", tenant: "bob");
        fake.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Equal_calls_at_once_are_sent_once()
    {
        await using var sample = new CallSample();
        var gate = new TaskCompletionSource();
        var fake = new FakeChatClient(FakeReply.Text("answer", 10, 1) with { Gate = gate.Task });
        var method = sample.Bind(fake, new BudgetSettings { Cached = true, CacheScope = CacheScope.Global });
        var calls = Enumerable.Range(0, 10).Select(_ => method.AskAsync("q")).ToList();
        await fake.ArrivedAsync(1);
        gate.SetResult();
        (await Task.WhenAll(calls).WaitAsync(Guard)).ShouldAllBe(static answer => answer == "answer");
        fake.Requests.Count.ShouldBe(1);
        (await sample.LinesAsync()).Count(static line => line.Outcome == LedgerOutcome.Avoided).ShouldBe(9);
    }

    [Fact]
    public async Task A_wrapped_method_gets_the_windowed_history_and_is_cached()
    {
        await using var sample = new CallSample();
        var method = sample.Runtime.Bind(CallSample.Policy(new BudgetSettings { Cached = true, CacheScope = CacheScope.Global, MaxContextTokens = 60, MaxOutputTokens = 10 }));
        List<ChatMessage> history = [new(ChatRole.User, string.Join(' ', Enumerable.Repeat("w", 50))), new(ChatRole.Assistant, "a"), new(ChatRole.User, "u")];
        var given = new List<IList<ChatMessage>>();
        for (var repeat = 0; repeat < 2; repeat++)
        {
            var call = method.Begin();
            call.Messages("messages", history);
            (await call.WrapAsync(
                ReplyFormat.Text,
                static (state, windowed, _) =>
                {
                    state.Add(windowed);
                    return Task.FromResult("done");
                },
                given,
                default)).ShouldBe("done");
        }

        given.ShouldHaveSingleItem().ShouldHaveSingleItem().ShouldBeSameAs(history[2]);
        history.Count.ShouldBe(3);
        (await sample.LinesAsync()).Select(static line => line.Outcome).ShouldBe([LedgerOutcome.Completed, LedgerOutcome.Avoided]);
    }

    [Fact]
    public async Task A_wrapped_stream_is_accounted_and_its_failure_too()
    {
        await using var sample = new CallSample();
        var method = sample.Runtime.Bind(CallSample.Policy());
        foreach (var reply in new[] { FakeReply.Text("one two", 10, 2), FakeReply.Fails(new IOException()) })
        {
            var call = method.Begin();
            call.Messages("messages", [new ChatMessage(ChatRole.User, "q")]);
            var updates = call.WrapStream(static (client, windowed, token) => client.GetStreamingResponseAsync(windowed, null, token), new FakeChatClient(reply), default);
            if (reply.Failure is null)
                (await updates.ToChatResponseAsync()).Text.ShouldBe("one two");
            else
                await Should.ThrowAsync<IOException>(() => updates.ToChatResponseAsync());
        }

        (await sample.LinesAsync()).Select(static line => line.Outcome).ShouldBe([LedgerOutcome.Completed, LedgerOutcome.Failed]);
        sample.ShouldHoldNothing();
    }
}
