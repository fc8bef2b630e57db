using System.Net;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.RateLimiting;
using TokenBudget.Retries;
using TokenBudget.Testing;

namespace TokenBudget.Tests.Retries;

/// <summary>One call against a provider that fails, through the official SDK.</summary>
public sealed class RetryTests
{
    private const int Bound = 60_000;

    private static Func<SimulatorOptions, SimulatorOptions> Faults(params SimulatedFault?[] faults) => options => options with { Faults = FaultPlan.InOrder(faults) };

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_may_pass_is_tried_again_and_each_attempt_is_a_line(bool streaming)
    {
        await using var rig = await ProviderRig.StartAsync(Faults(SimulatedFault.Overloaded, SimulatedFault.InternalError));

        var response = await rig.RunAsync(ProviderRig.AskAsync(rig.Client(), streaming: streaming));

        response.Text.ShouldBe("It is done.");
        rig.Provider.Log.Select(static exchange => exchange.Status).ShouldBe([529, 500, 200]);
        (await rig.LinesAsync()).Select(static line => (line.Outcome, line.Cost > Usd.Zero)).ShouldBe(
            [(LedgerOutcome.Failed, false), (LedgerOutcome.Failed, false), (LedgerOutcome.Completed, true)]);
        rig.ShouldBeClean();
    }

    [Theory(Timeout = Bound)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Attempts_end_and_the_callers_exception_tells_how_many_there_were(int most)
    {
        await using var rig = await ProviderRig.StartAsync(Faults(Enumerable.Repeat(SimulatedFault.Overloaded, 10).ToArray()));

        var asking = ProviderRig.AskAsync(rig.Client(new BudgetSettings { MaxAttempts = most }));
        var exception = await Should.ThrowAsync<Anthropic.Exceptions.Anthropic5xxException>(() => rig.RunAsync(asking));

        rig.Provider.Log.Count.ShouldBe(most);
        var failure = ProviderFailure.Of(new InvalidOperationException("wrapped", exception)).ShouldNotBeNull();
        (failure.Attempts, failure.Error.Kind, failure.Error.Status).ShouldBe((most, ProviderErrorKind.Overloaded, (HttpStatusCode)529));
        failure.Error.RequestId.ShouldNotBeNull();
        rig.ShouldBeClean();
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_sent_before_the_provider_allows_it(bool streaming)
    {
        // Our own limit lets everything through, so the provider has to say it.
        await using var rig = await ProviderRig.StartAsync(options => options with
        {
            Limits = new SimulatedLimits { RequestsPerMinute = 2 },
            // Where callers start one by one, the headers of the first answers would tell in time.
            Faults = FaultPlan.InOrder(SimulatedFault.RateLimit),
        });
        var client = rig.Client();

        await rig.RunAsync(Task.WhenAll(Enumerable.Range(0, 5).Select(i => ProviderRig.AskAsync(client, $"Do {i}.", streaming))));

        rig.Provider.GetVerdict().RateLimited.ShouldBeGreaterThan(0);
        rig.Provider.Log.Count(static exchange => exchange.Status == 200).ShouldBe(5);
        rig.ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task Traffic_that_grew_too_fast_is_less_for_everybody_with_the_same_key()
    {
        await using var rig = await ProviderRig.StartAsync(Faults(null, null, SimulatedFault.Acceleration));
        var one = rig.Client(agent: "One");
        await rig.RunAsync(ProviderRig.AskAsync(one));
        await rig.RunAsync(ProviderRig.AskAsync(rig.Client(agent: "Two")));
        rig.Runtime.RateLimits.ShouldAllBe(static limit => limit.Share == 1);

        (await rig.RunAsync(ProviderRig.AskAsync(one, "again"))).Text.ShouldBe("It is done.");

        rig.Provider.Log.Select(static exchange => exchange.Status).ShouldBe([200, 200, 429, 200]);
        rig.Runtime.RateLimits.Count.ShouldBe(2);
        rig.Runtime.RateLimits.ShouldAllBe(static limit => limit.Share < 1);
        rig.ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task A_wait_longer_than_the_call_has_fails_at_once()
    {
        await using var rig = await ProviderRig.StartAsync(options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 1 } });
        await rig.RunAsync(ProviderRig.AskAsync(rig.Client(), "first"));
        var before = rig.Clock.GetUtcNow();

        var asking = ProviderRig.AskAsync(rig.Client(new BudgetSettings { MaxWait = TimeSpan.FromSeconds(5) }), "second");
        var exception = await Should.ThrowAsync<RateLimitExceededException>(() => rig.RunAsync(asking));

        rig.Clock.GetUtcNow().ShouldBe(before);
        exception.RetryAfter.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.FromSeconds(5));
        rig.Provider.Log.Count.ShouldBe(1);
        rig.ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task Money_is_never_asked_for_twice_and_the_others_are_held_back()
    {
        await using var rig = await ProviderRig.StartAsync(Faults(Enumerable.Repeat(SimulatedFault.SpendLimit, 3).ToArray()));
        var told = new List<SpendLimitPause>();
        rig.Runtime.AlertRaised += (_, alert) => told.Add(alert.SpendLimit.ShouldNotBeNull());
        var client = rig.Client();

        var sent = await Should.ThrowAsync<ProviderSpendLimitException>(() => rig.RunAsync(ProviderRig.AskAsync(client, "first")));
        var held = await Should.ThrowAsync<ProviderSpendLimitException>(() => ProviderRig.AskAsync(client, "second"));
        // Another client may have another key, until its first answer shows that it has not.
        var other = rig.Client(agent: "Other");
        var otherSent = await Should.ThrowAsync<ProviderSpendLimitException>(() => rig.RunAsync(ProviderRig.AskAsync(other, "third")));
        var otherHeld = await Should.ThrowAsync<ProviderSpendLimitException>(() => ProviderRig.AskAsync(other, "third again"));

        (sent.WasSent, held.WasSent, otherSent.WasSent, otherHeld.WasSent).ShouldBe((true, false, true, false));
        sent.InnerException.ShouldBeAssignableTo<Anthropic.Exceptions.AnthropicApiException>();
        sent.Message.ShouldContain("spend limit");
        ProviderFailure.Of(sent)!.Attempts.ShouldBe(1);
        told.Select(static pause => pause.Provider).ShouldBe([rig.Provider.BaseAddress.Authority, rig.Provider.BaseAddress.Authority]);
        rig.Provider.Log.Count.ShouldBe(2);
        (await rig.LinesAsync()).ShouldAllBe(static line => line.Cost == Usd.Zero);

        // A minute later one asks again, and the others still wait for what it hears.
        rig.Clock.Advance(TimeSpan.FromMinutes(1));
        (await Should.ThrowAsync<ProviderSpendLimitException>(() => rig.RunAsync(ProviderRig.AskAsync(client, "fourth")))).WasSent.ShouldBeTrue();
        (await Should.ThrowAsync<ProviderSpendLimitException>(() => ProviderRig.AskAsync(client, "fifth"))).WasSent.ShouldBeFalse();
        rig.Runtime.Providers.Pauses.Count.ShouldBe(1);
        rig.Runtime.Providers.Resume();
        (await rig.RunAsync(ProviderRig.AskAsync(client, "sixth"))).Text.ShouldBe("It is done.");
        rig.Runtime.Providers.Pauses.ShouldBeEmpty();
        rig.ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task A_stream_that_is_cut_before_its_first_word_is_tried_again()
    {
        await using var rig = await ProviderRig.StartAsync(Faults(SimulatedFault.CutAfterEvents(1)));

        var response = await rig.RunAsync(ProviderRig.AskAsync(rig.Client(), streaming: true));

        response.Text.ShouldBe("It is done.");
        rig.Provider.Log.Count.ShouldBe(2);
        rig.ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task A_stream_that_is_cut_after_its_first_word_is_a_failure_and_charged_for_what_came()
    {
        // Start of the message, start of a block, one piece of text.
        await using var rig = await ProviderRig.StartAsync(options => Faults(SimulatedFault.CutAfterEvents(4))(options) with
        {
            Responder = static (_, _) => ValueTask.FromResult(SimulatedReply.Text(string.Join(' ', Enumerable.Repeat("word", 80)))),
        });
        var seen = string.Empty;

        var exception = await Should.ThrowAsync<Exception>(() => rig.RunAsync(ReadAsync()));

        seen.ShouldStartWith("word");
        ProviderFailure.Of(exception).ShouldNotBeNull().Error.Kind.ShouldBe(ProviderErrorKind.Connection);
        rig.Provider.Log.Count.ShouldBe(1);
        var line = (await rig.LinesAsync()).ShouldHaveSingleItem();
        (line.Outcome, line.IsEstimate).ShouldBe((LedgerOutcome.Failed, true));
        line.Usage.TotalInput.ShouldBeGreaterThan(0);
        line.Usage.Output.ShouldBeGreaterThan(0);
        rig.ShouldBeClean();

        async Task ReadAsync()
        {
            await foreach (var update in rig.Client().GetStreamingResponseAsync("Go on."))
                seen += update.Text;
        }
    }

    [Fact(Timeout = Bound)]
    public async Task A_retrier_inside_is_noticed_and_told_once()
    {
        await using var rig = await ProviderRig.StartAsync(Faults(SimulatedFault.Overloaded, SimulatedFault.Overloaded));
        using var chat = rig.Connect(new RateLimitHeaderHandler(), maxRetries: 2);
        var log = new LogSink();
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), time: rig.Clock, logger: log);
        var client = runtime.CreateClient(
            chat, new AgentMethodPolicy { Agent = "Nested", Method = "Ask", Settings = new BudgetSettings { Model = ProviderRig.Model, MaxOutputTokens = 100 } });

        await rig.RunAsync(ProviderRig.AskAsync(client));
        await rig.RunAsync(ProviderRig.AskAsync(client, "again"));

        log.Warnings.ShouldHaveSingleItem().ShouldContain("MaxRetries = 0");
    }

    [Fact(Timeout = Bound)]
    public async Task A_provider_nobody_listens_to_costs_nothing_and_holds_nothing()
    {
        var rig = await ProviderRig.StartAsync();
        await using var _ = rig;
        await rig.Provider.DisposeAsync();

        var exception = await Should.ThrowAsync<Exception>(() => rig.RunAsync(ProviderRig.AskAsync(rig.Client(new BudgetSettings { MaxAttempts = 3 }))));

        var failure = ProviderFailure.Of(exception).ShouldNotBeNull();
        (failure.Attempts, failure.Error.Kind).ShouldBe((3, ProviderErrorKind.Connection));
        (await rig.LinesAsync()).ShouldAllBe(static line => line.Cost == Usd.Zero && line.Outcome == LedgerOutcome.Failed);
        rig.Runtime.RateLimits[0].Requests.ShouldBe(0);
        rig.ShouldHoldNothing();
    }
}
