using System.Net;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Retries;
using TokenBudget.Tests.CompilerServices;

namespace TokenBudget.Tests.Calls;

/// <summary>Budgeted calls that send their requests through budgeted clients: everything is booked once, and every budget around holds.</summary>
public sealed class NestedCallTests
{
    // 100 in and 100 out cost 0.11 of a cent.
    private static readonly Usd Once = Usd.FromDollars(0.0011m);

    private static readonly BudgetSettings Inner = new() { MaxOutputTokens = 100, LimitUsd = 1 };

    private static FakeChatClient Answers() => new() { Otherwise = static _ => FakeReply.Text("Done.", 100, 100) };

    private static AgentMethod Outer(CallSample sample, BudgetSettings settings) => sample.Runtime.Bind(new AgentMethodPolicy
    {
        Agent = "Outer", Method = "Run", Settings = settings with { Model = CallSample.Model, MaxOutputTokens = 100 },
    });

    private static async Task<string> RunAsync(AgentMethod outer, Func<IList<ChatMessage>, CancellationToken, Task<string>> implementation, bool streaming = false)
    {
        var call = outer.Begin();
        call.UserMessage("question", "hello there");
        if (!streaming)
            return await call.WrapAsync(ReplyFormat.Text, static (run, messages, token) => run(messages, token), implementation, CancellationToken.None);
        return (await call.WrapStream(static (run, messages, token) => Stream(run, messages, token), implementation, CancellationToken.None).ToChatResponseAsync()).Text;

        static async IAsyncEnumerable<ChatResponseUpdate> Stream(
            Func<IList<ChatMessage>, CancellationToken, Task<string>> run, IList<ChatMessage> messages, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, "First: ");
            yield return new ChatResponseUpdate(ChatRole.Assistant, await run(messages, token)) { FinishReason = ChatFinishReason.Stop };
        }
    }

    private static Func<IList<ChatMessage>, CancellationToken, Task<string>> Through(IChatClient client) =>
        async (messages, token) => (await client.GetResponseAsync(messages, cancellationToken: token)).Text;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_an_implementation_sends_through_a_budgeted_client_is_booked_once_and_counts_for_both_budgets(bool streaming)
    {
        await using var sample = new CallSample();
        var client = sample.Client(Answers(), Inner);
        (await RunAsync(Outer(sample, new BudgetSettings { LimitUsd = 1 }), Through(client), streaming)).ShouldEndWith("Done.");

        var lines = await sample.LinesAsync();
        lines.Select(static line => (line.Agent, line.Budget, line.Outcome, line.Cost)).ShouldBe(
            [("Writer", "Writer", LedgerOutcome.Completed, Once), ("Outer", "Outer", LedgerOutcome.Nested, Once)], ignoreOrder: true);
        (await sample.Runtime.Ledger.SumCostAsync(new LedgerQuery())).ShouldBe(Once);
        (await sample.Runtime.Ledger.TotalAsync(new LedgerQuery())).ShouldHaveSingleItem().Requests.ShouldBe(1);
        sample.Runtime.Costs.GetStatus().Select(static status => (status.Name, status.Settled)).ShouldBe([("Outer", Once), ("Writer", Once)]);
        sample.Runtime.Telemetry.Activity.Sum(static method => method.Requests).ShouldBe(1);
        sample.ShouldHoldNothing();

        var restarted = new CostTracker(sample.Runtime.Ledger, sample.Time);
        foreach (var name in new[] { "Outer", "Writer" })
            (await restarted.ReserveAsync(new CostBudget(name, null, BudgetPeriod.Day), default)).Dispose();
        restarted.GetStatus().Select(static status => status.Settled).ShouldBe([Once, Once]);
    }

    [Fact]
    public async Task The_limit_around_refuses_what_is_sent_inside()
    {
        await using var sample = new CallSample();
        var fake = Answers();
        var client = sample.Client(fake, Inner);
        // Room for one request after another, twice; the third does not fit.
        var outer = Outer(sample, new BudgetSettings { LimitUsd = 0.0023m });
        var refused = await Should.ThrowAsync<BudgetExceededException>(() => RunAsync(outer, async (messages, token) =>
        {
            for (var request = 0; request < 5; request++)
                await client.GetResponseAsync(messages, cancellationToken: token);
            return "never";
        }));
        refused.Status.Name.ShouldBe("Outer");
        fake.Requests.Count.ShouldBe(2);
        sample.Runtime.Costs.GetStatus().Single(static status => status.Name == "Outer").Settled.ShouldBeLessThan(Usd.FromDollars(0.0023m));
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_call_and_the_requests_inside_it_do_not_wait_for_each_other()
    {
        await using var sample = new CallSample(static options => options.Budgets["all"] = new BudgetRule { LimitUsd = 0.0012m, AtLimit = AtLimit.Wait });
        // Whoever holds the worst case of one request in the shared budget or the shared limit keeps everybody else out.
        var shared = new BudgetSettings { LimitName = "shared", TokensPerMinute = 210, BudgetName = "team", LimitUsd = 0.0012m, AtLimit = AtLimit.Wait, MaxOutputTokens = 100 };
        var client = sample.Client(Answers(), shared);
        (await RunAsync(Outer(sample, shared), Through(client)).WaitAsync(Eventually.Patience)).ShouldBe("Done.");

        (await sample.LinesAsync()).ShouldHaveSingleItem().Cost.ShouldBe(Once, "one budget of both has it once");
        sample.Runtime.Costs.GetStatus().ShouldAllBe(static status => status.Settled == Once);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task Requests_at_once_and_calls_within_calls_are_counted_for_each_budget_around()
    {
        await using var sample = new CallSample();
        var client = sample.Client(Answers(), Inner);
        var middle = Outer(sample, new BudgetSettings { BudgetName = "middle", LimitUsd = 1 });
        var outer = Outer(sample, new BudgetSettings { BudgetName = "outer", LimitUsd = 1, LimitName = "outer", TokensPerMinute = 100_000 });
        await RunAsync(outer, async (messages, token) =>
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RunAsync(middle, Through(client))));
            return "Done.";
        });

        sample.Runtime.Costs.GetStatus().Select(static status => status.Settled.PicoDollars).ShouldAllBe(static settled => settled == 10 * Once.PicoDollars);
        (await sample.Runtime.Ledger.SumCostAsync(new LedgerQuery())).PicoDollars.ShouldBe(10 * Once.PicoDollars);
        sample.Runtime.RateLimits.Single(static limit => limit.Name == "outer").TotalTokens.ShouldBe(2_000, "the limit around counts what was used inside");
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task An_answer_from_the_cache_inside_is_not_charged_by_estimate_outside()
    {
        await using var sample = new CallSample();
        var inner = sample.Bind(Answers(), Inner with { Cached = true, CacheScope = CacheScope.Global });
        await inner.AskAsync("hello there");
        (await RunAsync(Outer(sample, new BudgetSettings { LimitUsd = 1 }), (_, token) => inner.AskAsync("hello there", token))).ShouldBe("Done.");

        (await sample.LinesAsync()).Select(static line => line.Outcome).ShouldBe([LedgerOutcome.Completed, LedgerOutcome.Avoided]);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task An_implementation_that_sends_past_all_budgets_is_booked_for_itself_and_a_later_call_is_not_inside_an_earlier_one()
    {
        await using var sample = new CallSample();
        var client = sample.Client(Answers(), Inner);
        var outer = Outer(sample, new BudgetSettings { LimitUsd = 1 });
        Task? late = null;
        await RunAsync(outer, (messages, _) =>
        {
            late = Task.Run(async () =>
            {
                while ((await sample.LinesAsync()).Count == 0)
                    await Task.Yield();
                await client.GetResponseAsync(messages, cancellationToken: CancellationToken.None);
            });
            return Task.FromResult("two words");
        });
        await late!.WaitAsync(Eventually.Patience);

        (await sample.LinesAsync()).Select(static line => (line.Agent, line.Outcome, line.IsEstimate)).ShouldBe(
            [("Outer", LedgerOutcome.Completed, true), ("Writer", LedgerOutcome.Completed, false)]);
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_in_front_of_a_budgeted_client_leaves_the_booking_to_it(bool streaming)
    {
        await using var sample = new CallSample();
        var inner = sample.Client(Answers(), Inner);
        var outer = sample.Runtime.CreateClient(inner, new AgentMethodPolicy { Agent = "Outer", Method = "Run", Settings = Inner with { Model = CallSample.Model } });
        List<ChatMessage> messages = [new(ChatRole.User, "hello")];
        var response = streaming ? await outer.GetStreamingResponseAsync(messages).ToChatResponseAsync() : await outer.GetResponseAsync(messages);
        response.Text.ShouldBe("Done.");
        (await sample.Runtime.Ledger.SumCostAsync(new LedgerQuery())).ShouldBe(Once);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_provider_whose_tools_call_budgeted_agents_is_booked_for_what_it_used_itself()
    {
        await using var sample = new CallSample();
        var agent = sample.Client(Answers(), Inner);
        var pipeline = new ToolRunningClient(Answers(), agent);
        var client = sample.Runtime.CreateClient(pipeline, new AgentMethodPolicy { Agent = "Outer", Method = "Run", Settings = Inner with { Model = CallSample.Model } });
        await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hello")]);
        (await sample.LinesAsync()).Select(static line => (line.Agent, line.Cost)).ShouldBe([("Writer", Once), ("Outer", Once)]);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task What_a_budgeted_client_inside_gave_up_is_not_tried_again_though_the_client_between_hides_it()
    {
        await using var sample = new CallSample(static options => options.Retries.MaxAttempts = 3);
        var failing = false;
        var fake = new FakeChatClient
        {
            Otherwise = _ => failing ? FakeReply.Fails(new HttpRequestException("down", null, HttpStatusCode.InternalServerError)) : FakeReply.Text("Done.", 100, 100),
        };
        var between = new HidingClient(sample.Client(fake, Inner));
        var outer = sample.Runtime.CreateClient(between, new AgentMethodPolicy { Agent = "Outer", Method = "Run", Settings = Inner with { Model = CallSample.Model } });
        await outer.GetResponseAsync([new ChatMessage(ChatRole.User, "hello")]);

        failing = true;
        var call = outer.GetResponseAsync([new ChatMessage(ChatRole.User, "hello")]);
        await sample.Time.AdvanceUntilAsync(call);
        ProviderFailure.Of(await Should.ThrowAsync<HttpRequestException>(() => call)).ShouldNotBeNull();
        fake.Requests.Count.ShouldBe(1 + 3);
        sample.ShouldHoldNothing();
    }

    /// <summary>
    /// The same where nobody looks at the wire, so that nothing but the failure itself can tell: a provider's failure that says how often it was tried inside.
    /// </summary>
    [Fact]
    public async Task A_failure_that_tells_of_attempts_inside_is_not_tried_again()
    {
        await using var sample = new CallSample(static options => options.Retries.MaxAttempts = 3);
        var failure = new HttpRequestException("down", null, HttpStatusCode.InternalServerError);
        new ProviderFailure(new ProviderError { Kind = ProviderErrorKind.Transient }, 3).AttachTo(failure);
        var fake = new FakeChatClient(FakeReply.Fails(new InvalidOperationException("wrapped", failure)));
        await Should.ThrowAsync<InvalidOperationException>(() => sample.Client(fake, Inner).GetResponseAsync([new ChatMessage(ChatRole.User, "hello")]));
        fake.Requests.Count.ShouldBe(1);
    }

    /// <summary>Does not tell what is inside.</summary>
    private sealed class HidingClient(IChatClient client) : DelegatingChatClient(client)
    {
        public override object? GetService(Type serviceType, object? serviceKey = null) => null;
    }

    /// <summary>Runs a tool that asks another agent, then answers, as a pipeline with a tool loop of its own does.</summary>
    private sealed class ToolRunningClient(IChatClient provider, IChatClient agent) : DelegatingChatClient(provider)
    {
        public override async Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            await agent.GetResponseAsync([new ChatMessage(ChatRole.User, "help")], cancellationToken: cancellationToken);
            return await base.GetResponseAsync(messages, options, cancellationToken);
        }
    }
}
