using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Tests.CompilerServices;

namespace TokenBudget.Tests.Calls;

/// <summary>What one call may cost with all its requests: what could take it beyond is not sent.</summary>
public sealed class CallCostTests
{
    private const string Cheap = "cheap-1";

    // A request with 100 in and 100 out costs 0.11 of a cent; two words in and 100 out are reserved as a little over 0.1 of a cent.
    private static readonly BudgetSettings Settings = new() { MaxOutputTokens = 100, MaxUsdPerCall = 0.0025m };

    private static FakeChatClient Answers() => new() { Otherwise = static _ => FakeReply.Text("Done.", 100, 100) };

    private static FakeReply ToolCall() => FakeReply.Calls(null, Agent.Call("a", "tool0")).With(100, 100);

    private static ChatOptions Tools() => new() { Tools = [AIFunctionFactory.Create(static () => 1, "tool0")] };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_rounds_of_a_call_add_up(bool streaming)
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => ToolCall() };
        var method = sample.Bind(fake, Settings);
        var exceeded = await Should.ThrowAsync<CallCostExceededException>(() => streaming
            ? method.StreamAsync("q", options: Tools()).ToChatResponseAsync()
            : method.AskAsync(ReplyFormat.Response, "q", options: Tools()));

        fake.Requests.Count.ShouldBe(2, "the third could cost more than what is left");
        (exceeded.Method, exceeded.Limit, exceeded.Spent).ShouldBe(("Writer.Ask", Usd.FromDollars(0.0025m), Usd.FromDollars(0.0022m)));
        exceeded.Requested.ShouldBeGreaterThan(Usd.FromDollars(0.001m));
        exceeded.Message.ShouldContain("MaxUsdPerCall");
        exceeded.Message.ShouldContain("MaxRounds");
        (await sample.LinesAsync()).Count.ShouldBe(2, "what was sent is paid");
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task Every_call_begins_anew()
    {
        await using var sample = new CallSample();
        var fake = Answers();
        var method = sample.Bind(fake, Settings);
        for (var call = 0; call < 5; call++)
            await method.AskAsync("q");
        var client = sample.Client(fake, Settings);
        for (var call = 0; call < 5; call++)
            await client.GetResponseAsync("q");
        fake.Requests.Count.ShouldBe(10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_is_too_dear_alone_is_not_sent(bool streaming)
    {
        await using var sample = new CallSample();
        var fake = Answers();
        var client = sample.Client(fake, Settings with { MaxUsdPerCall = 0.001m });
        var exceeded = await Should.ThrowAsync<CallCostExceededException>(() => streaming
            ? client.GetStreamingResponseAsync("two words").ToChatResponseAsync()
            : client.GetResponseAsync("two words"));
        exceeded.Spent.ShouldBe(Usd.Zero);
        fake.Requests.ShouldBeEmpty();
        (await sample.LinesAsync()).ShouldBeEmpty();
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task Attempts_add_up()
    {
        await using var sample = new CallSample(static options => options.Retries.MaxAttempts = 5);
        // Nobody knows what became of an answer that was lost: it is charged as long as it could be.
        var fake = new FakeChatClient { Otherwise = static _ => throw new HttpRequestException(HttpRequestError.ResponseEnded) };
        var client = sample.Client(fake, Settings);
        await Should.ThrowAsync<CallCostExceededException>(async () =>
        {
            var asked = client.GetResponseAsync("q");
            await sample.Time.AdvanceUntilAsync(asked);
            await asked;
        });
        fake.Requests.Count.ShouldBe(2);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task At_the_limit_the_cheaper_model_takes_over()
    {
        await using var sample = new CallSample(static options => options.Models = options.Models.With(CallSample.ModelInfo with
        {
            Id = Cheap, Prices = [new ModelPrices { Rates = CallSample.ModelInfo.Prices[0].Rates with { Input = 10_000, Output = 100_000, CacheRead = 10_000, CacheWrite5Minutes = 10_000, CacheWrite1Hour = 10_000, Reasoning = 100_000 } }],
        }));
        var fake = new FakeChatClient(ToolCall(), ToolCall(), FakeReply.Text("Done.", 100, 100));
        var method = sample.Bind(fake, Settings with { AtLimit = AtLimit.CheaperModel, WhenBudgetIsLow = Cheap, LowBudgetPercent = 100 });
        (await method.AskAsync(ReplyFormat.Text, "q", options: Tools())).ShouldBe("Done.");
        fake.Requests.Select(static request => request.Options!.ModelId).ShouldBe([CallSample.Model, CallSample.Model, Cheap]);
        sample.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 5)]
    public async Task What_an_implementation_sends_inside_counts_for_the_call_around(bool isLimitedOutside, int sent)
    {
        await using var sample = new CallSample();
        var fake = Answers();
        // Inside, every request is a call of its own.
        var client = sample.Client(fake, Settings);
        var outer = sample.Runtime.Bind(new AgentMethodPolicy
        {
            Agent = "Outer", Method = "Run", Settings = Settings with { Model = CallSample.Model, MaxUsdPerCall = isLimitedOutside ? Settings.MaxUsdPerCall : null },
        });
        var call = outer.Begin();
        call.UserMessage("question", "q");
        var run = call.WrapAsync(
            ReplyFormat.Text,
            static async (inner, messages, token) =>
            {
                for (var request = 0; request < 5; request++)
                    await inner.GetResponseAsync(messages, cancellationToken: token);
                return "Done.";
            },
            client,
            CancellationToken.None);
        if (isLimitedOutside)
            (await Should.ThrowAsync<CallCostExceededException>(() => run)).Method.ShouldBe("Outer.Run");
        else
            await run;
        fake.Requests.Count.ShouldBe(sent);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_paused_call_goes_on_under_the_same_limit()
    {
        await using var sample = new CallSample();
        var fake = new FakeChatClient { Otherwise = static _ => ToolCall() };
        var method = sample.Bind(fake, Settings with { LimitUsd = 0.0011m, AtLimit = AtLimit.Pause });
        var paused = await Should.ThrowAsync<BudgetPausedException>(() => method.AskAsync(ReplyFormat.Text, "q", options: Tools()));
        await sample.Runtime.Costs.ApproveAsync(paused.Status.Name, Usd.FromDollars(1));
        var exceeded = await Should.ThrowAsync<CallCostExceededException>(() => paused.ResumeAsync<string>());
        exceeded.Spent.ShouldBe(Usd.FromDollars(0.0022m));
        fake.Requests.Count.ShouldBe(2);
        sample.ShouldHoldNothing();
    }

    [Fact]
    public async Task Without_a_price_there_is_no_such_limit()
    {
        await using var sample = new CallSample(static options => options.AllowUnknownPrices = true);
        var client = sample.Client(Answers(), Settings with { Model = "nobody's" });
        await Should.ThrowAsync<UnknownPriceException>(() => client.GetResponseAsync("q"));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_001)]
    public async Task An_impossible_limit_is_told_at_once(int dollars)
    {
        await using var sample = new CallSample();
        Should.Throw<TokenBudgetConfigurationException>(() => sample.Client(Answers(), Settings with { MaxUsdPerCall = dollars })).Message.ShouldContain("MaxUsdPerCall");
    }

    /// <summary>However requests of one call come and go, at once and one after the other: spent and held stay within, and what is given back can be taken again.</summary>
    [Fact]
    public void Spent_and_held_stay_within() => Prop.ForAll(
        ArbMap.Default.ArbFor<(byte Worst, byte Cost, bool Ends)[]>(),
        static steps =>
        {
            var ceiling = new CallCeiling("M", new Usd(500));
            var (held, spent) = (0L, 0L);
            var open = new Queue<(CallHold Hold, int Worst, int Cost)>();
            foreach (var (worst, cost, ends) in steps)
            {
                try
                {
                    open.Enqueue((CallHold.Take(ceiling, null, new Usd(worst))!, worst, Math.Min(worst, cost)));
                    held += worst;
                    (held + spent).ShouldBeLessThanOrEqualTo(500);
                }
                catch (CallCostExceededException exceeded)
                {
                    exceeded.Spent.ShouldBe(new Usd(held + spent));
                    (held + spent + worst).ShouldBeGreaterThan(500);
                }

                if (!ends || !open.TryDequeue(out var first))
                    continue;
                held -= first.Worst;
                spent += first.Cost;
                first.Hold.Settle(new Usd(first.Cost));
                first.Hold.Settle(new Usd(first.Cost));
                first.Hold.Dispose();
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000).WithReplay(20_260_101, 1));
}
