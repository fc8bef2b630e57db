using static TokenBudget.Testing.Tests.VerdictSample;

namespace TokenBudget.Testing.Tests;

/// <summary>Who was told to wait waits, and of many who were one asks first.</summary>
public sealed class VerdictWaitTests
{
    private const int Bound = Simulation.Bound;

    [Fact(Timeout = Bound)]
    public async Task Waiting_as_told_is_clean()
    {
        await using var simulation = await OneAMinute();
        await simulation.AskAsync(Simulation.Body("a"));
        await simulation.AskAsync(Simulation.Body("b"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(60));
        await simulation.AskAsync(Simulation.Body("b"));

        var verdict = simulation.Provider.GetVerdict();
        verdict.ShouldBeClean();
        (verdict.Requests, verdict.Calls, verdict.MostAttempts, verdict.RateLimited, verdict.MostProbes).ShouldBe((3, 2, 2, 1, 1));
        verdict.RequestsPerCall.ShouldBe(1.5);
        verdict.ToString().ShouldBe("clean; 3 requests for 2 calls, at most 2 for one; 1 rate limited; worst 60 s: 9 input and 1 output tokens, 2 requests");
    }

    [Theory(Timeout = Bound)]
    [InlineData(0)]
    [InlineData(59_999)]
    public async Task A_retry_before_its_time_is_caught(int afterMilliseconds)
    {
        await using var simulation = await OneAMinute();
        await simulation.AskAsync(Simulation.Body("a"));
        await simulation.AskAsync(Simulation.Body("b"));
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(afterMilliseconds));
        await simulation.AskAsync(Simulation.Body("b"));

        var verdict = simulation.Provider.GetVerdict();
        Numbers(verdict, SimulatorFindingKind.EarlyCall).ShouldBe([3]);
        verdict.Findings.Single().Reason.ShouldBe(FormattableString.Invariant(
            $"{(60_000 - afterMilliseconds) / 1_000m:0.###} s before the 60 s that request 2 was told to wait were over"));
        Should.Throw<SimulatorVerdictException>(verdict.ShouldBeClean).Message.ShouldContain("early call: request 3 at 00:0");
    }

    [Fact(Timeout = Bound)]
    public async Task Another_call_is_early_too_unless_it_may_have_been_under_way()
    {
        await using var simulation = await OneAMinute();
        await simulation.AskAsync(Simulation.Body("a"));
        await simulation.AskAsync(Simulation.Body("b"));
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(249));
        await simulation.AskAsync(Simulation.Body("c"));
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(251));
        await simulation.AskAsync(Simulation.Body("d"));

        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.EarlyCall).ShouldBe([4]);
    }

    [Fact(Timeout = Bound)]
    public async Task Another_client_key_or_model_is_not_bound_by_what_it_was_not_told()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Models = [.. options.Models, Simulation.SonnetModel with { Id = "claude-haiku-4-5", LimitClass = "haiku" }],
            Limits = new SimulatedLimits { RequestsPerMinute = 1 },
            Faults = FaultPlan.At((2, SimulatedFault.RateLimit)),
        });
        (string, string)[] one = [("x-simulator-client", "one"), ("x-api-key", "k1")];
        await simulation.AskAsync(Simulation.Body("a"), one);
        await simulation.AskAsync(Simulation.Body("b"), one);
        simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        await simulation.AskAsync(Simulation.Body("c"), ("x-simulator-client", "two"), ("x-api-key", "k1"));
        await simulation.AskAsync(Simulation.Body("d"), ("x-simulator-client", "one"), ("x-api-key", "k2"));
        await simulation.AskAsync(Simulation.Body("e").Replace(Simulation.Sonnet, "claude-haiku-4-5", StringComparison.Ordinal), one);
        await simulation.AskAsync(Simulation.Body("f"), one);

        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.EarlyCall).ShouldBe([6]);
        simulation.Provider.GetVerdict("two").ShouldBeClean();
        simulation.Provider.GetVerdict("one").Findings.Count.ShouldBe(1);
    }

    [Theory(Timeout = Bound)]
    [InlineData(9_999, false)]
    [InlineData(10_000, true)]
    public async Task A_wait_that_is_only_told_in_words_counts_too(int afterMilliseconds, bool isClean)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 6 }, SendsRetryAfter = false });
        for (var call = 0; call < 7; call++)
            await simulation.AskAsync(Simulation.GptBody($"call {call}"));
        var refused = simulation.Provider.Log[^1];
        refused.ErrorMessage!.ShouldContain("Please try again in 10s.");
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(afterMilliseconds));
        await simulation.AskAsync(Simulation.GptBody("call 6"));

        simulation.Provider.GetVerdict().IsClean.ShouldBe(isClean);
    }

    [Theory(Timeout = Bound)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(6, false)]
    public async Task After_a_cool_down_one_asks_first(int atOnce, bool isClean)
    {
        using var gate = new SemaphoreSlim(0);
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = FaultPlan.At((1, SimulatedFault.RateLimit)),
            Responder = async (_, cancellationToken) =>
            {
                await gate.WaitAsync(cancellationToken);
                return SimulatedReply.Text("ok");
            },
        });
        await simulation.AskAsync(Simulation.Body("first"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(10));
        var storm = Enumerable.Range(0, atOnce).Select(index => simulation.AskAsync(Simulation.Body($"call {index}"))).ToList();
        while (simulation.Provider.Log.Count < 1 + atOnce)
            await Task.Yield();
        gate.Release(20);
        await Task.WhenAll(storm);
        // The probe has been answered: now everybody may come.
        await Task.WhenAll(Enumerable.Range(0, 5).Select(index => simulation.AskAsync(Simulation.Body($"later {index}"))));

        var verdict = simulation.Provider.GetVerdict();
        verdict.MostProbes.ShouldBe(atOnce);
        verdict.IsClean.ShouldBe(isClean, verdict.ToString());
        if (!isClean)
            verdict.ToString().ShouldContain($"storm: request 2 at 00:00:10.000 (claude-sonnet-4-5, 200): {atOnce} requests (2, ");
    }

    [Fact(Timeout = Bound)]
    public async Task A_probe_that_is_not_answered_holds_nobody_for_ever()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.At((1, SimulatedFault.RateLimit), (2, SimulatedFault.DelayHeaders(TimeSpan.FromSeconds(30)))) });
        await simulation.AskAsync(Simulation.Body("first"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(10));
        var slow = simulation.AskAsync(Simulation.Body("slow"));
        while (simulation.Clock.PendingTimers == 0)
            await Task.Yield();
        simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        await simulation.AskAsync(Simulation.Body("next"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(29));
        await slow;

        simulation.Provider.GetVerdict().ShouldBeClean();
    }
}
