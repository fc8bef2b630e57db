using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Costs;

namespace TokenBudget.Tests.CompilerServices;

public sealed class ReplayedAnswerTests
{
    private static readonly AgentMethodPolicy Cached = new()
    {
        Agent = "Agent",
        Method = "Ask",
        Settings = new BudgetSettings { Model = "claude-sonnet-4-5", Cached = true, CacheScope = CacheScope.Global },
    };

    [Fact]
    public async Task A_replayed_stream_reports_no_usage_and_is_booked_as_avoided()
    {
        var client = new FakeChatClient(FakeReply.Text("Bug", input: 100, output: 10));
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), time: new VirtualTimeProvider());
        var method = runtime.Bind(client, Cached);

        var first = await StreamAsync(method);
        var second = await StreamAsync(method);

        first.Usage!.InputTokenCount.ShouldBe(100);
        second.Text.ShouldBe("Bug");
        second.Usage.ShouldBeNull();
        client.Requests.Count.ShouldBe(1);
        var total = (await runtime.Ledger.TotalAsync(new LedgerQuery())).ShouldHaveSingleItem();
        total.Requests.ShouldBe(1);
        total.AvoidedRequests.ShouldBe(1);
        total.AvoidedCost.ShouldBe(total.Cost);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_calls_that_can_be_cached_are_counted_as_lookups(bool streaming)
    {
        var outcomes = new ConcurrentQueue<string?>();
        using var listener = new MeterListener();
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), time: new VirtualTimeProvider());
        var agent = $"Agent {Guid.NewGuid()}";
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "tokenbudget.cache.lookups")
                listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            // Other tests count, too.
            if (tags[0].Value as string == agent)
                outcomes.Enqueue(tags[1].Value as string);
        });
        listener.Start();
        var method = runtime.Bind(new FakeChatClient { Otherwise = static _ => FakeReply.Text("Bug", input: 100, output: 10) }, Cached with { Agent = agent });

        // What a factory makes cannot be seen, so the call has no key.
        foreach (var options in new[] { new ChatOptions(), new ChatOptions(), new ChatOptions { RawRepresentationFactory = static _ => null } })
            if (streaming)
                await method.StreamAsync("What is it?", options: options).ToChatResponseAsync();
            else
                await method.AskAsync(ReplyFormat.Text, "What is it?", options: options);

        outcomes.ShouldBe(["miss", "hit"]);
    }

    [Fact]
    public async Task A_small_context_without_an_output_limit_still_takes_a_question()
    {
        var client = new FakeChatClient(FakeReply.Text("Yes."));
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), time: new VirtualTimeProvider());
        var method = runtime.Bind(client, new AgentMethodPolicy
        {
            Agent = "Agent",
            Method = "Ask",
            Settings = new BudgetSettings { Model = "claude-sonnet-4-5", MaxContextTokens = 2_000 },
        });

        var call = method.Begin();
        call.UserMessage("question", "Is this small?");
        (await call.InvokeAsync(ReplyFormat.Text, CancellationToken.None)).ShouldBe("Yes.");

        client.Requests[0].Options!.MaxOutputTokens.ShouldBe(1_000);
    }

    [Fact]
    public async Task A_wrapped_method_without_any_text_runs()
    {
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), time: new VirtualTimeProvider());
        var method = runtime.Bind(new AgentMethodPolicy { Agent = "Agent", Method = "Count" });

        var call = method.Begin();
        call.KeyPart("number", 7);
        var answer = await call.WrapAsync(ReplyFormat.Text, static (number, messages, _) => Task.FromResult($"{number} and {messages.Count}"), 7, CancellationToken.None);

        answer.ShouldBe("7 and 0");
    }

    private static Task<ChatResponse> StreamAsync(AgentMethod method)
    {
        var call = method.Begin();
        call.UserMessage("question", "What is it?");
        return call.StreamAsync(CancellationToken.None).ToChatResponseAsync();
    }
}
