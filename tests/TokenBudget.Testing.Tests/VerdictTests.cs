using static TokenBudget.Testing.Tests.VerdictSample;

namespace TokenBudget.Testing.Tests;

/// <summary>The simulator's judgement of its client: what it counts, and the rules it is given.</summary>
public sealed class VerdictTests
{
    private const int Bound = Simulation.Bound;

    [Fact(Timeout = Bound)]
    public async Task A_simulator_nobody_called_finds_its_client_clean()
    {
        await using var simulation = await OneAMinute();
        simulation.Provider.GetVerdict().ShouldBeClean();
        (await simulation.Provider.GetFinalVerdictAsync(isDisposed: true)).ToString().ShouldBe("clean; 0 requests for 0 calls, at most 0 for one; 0 rate limited; worst 60 s: 0 input and 0 output tokens, 0 requests");
    }

    [Fact(Timeout = Bound)]
    public async Task The_worst_minute_slides()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            VerdictRules = new SimulatorVerdictRules { MaxInputTokensPerMinute = 36, MaxOutputTokensPerMinute = 3, MaxTokensPerMinute = 39, MaxRequestsPerMinute = 4 },
        });
        // Two at 0:40, two at 1:20, one at 1:40: the worst 60 s hold four; a fixed minute would hold three.
        foreach (var (wait, count) in new[] { (40, 2), (40, 2), (20, 1) })
        {
            simulation.Clock.Advance(TimeSpan.FromSeconds(wait));
            for (var index = 0; index < count; index++)
                await simulation.AskAsync(Simulation.Body("Hi"));
        }

        var verdict = simulation.Provider.GetVerdict();
        verdict.WorstMinute.ShouldBe(new SimulatedMinute(4, 4 * 9, 4, 4 * 10));
        verdict.Findings.Select(finding => finding.ToString()).ShouldBe(
        [
            "over the limit: request 4 at 00:01:20.000 (claude-sonnet-4-5, 200): 4 output tokens in the 60 s that begin with request 1; 3 allowed",
            "over the limit: request 4 at 00:01:20.000 (claude-sonnet-4-5, 200): 40 tokens in the 60 s that begin with request 1; 39 allowed",
        ]);
    }

    [Fact(Timeout = Bound)]
    public async Task Who_promises_to_keep_to_the_limit_by_himself_is_held_to_it()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Limits = new SimulatedLimits { RequestsPerMinute = 1 },
            VerdictRules = new SimulatorVerdictRules { MaxRateLimited = 1 },
        });
        for (var call = 0; call < 2; call++)
            await simulation.AskAsync(Simulation.Body($"call {call}"));
        simulation.Provider.GetVerdict().ShouldBeClean();
        simulation.Clock.Advance(TimeSpan.FromSeconds(60));
        for (var call = 2; call < 4; call++)
            await simulation.AskAsync(Simulation.Body($"call {call}"));

        simulation.Provider.GetVerdict().Findings.ShouldHaveSingleItem().ToString()
            .ShouldBe("rate limited: request 4 at 00:01:00.000 (claude-sonnet-4-5, 429): 2 requests (2, 4) were answered 429; 1 allowed");
    }

    [Fact]
    public async Task Rules_that_allow_nothing_are_refused()
    {
        foreach (var rules in (SimulatorVerdictRules[])
                 [
                     new() { MaxAttempts = 0 }, new() { MaxProbes = 0 }, new() { MaxRequestsPerCall = 0.9 }, new() { MaxConnections = 0 }, new() { MaxRateLimited = -1 }, new() { MaxTokensPerMinute = -1 },
                     new() { ProbeTime = TimeSpan.FromSeconds(-1) }, new() { InFlightGrace = TimeSpan.FromSeconds(-1) },
                 ])
            await Should.ThrowAsync<ArgumentException>(() => Simulation.StartAsync(options => options with { VerdictRules = rules }));
        await Should.ThrowAsync<ArgumentException>(() => Simulation.StartAsync(options => options with { MaxSilence = TimeSpan.Zero }));
    }
}
