using static TokenBudget.Testing.Tests.VerdictSample;

namespace TokenBudget.Testing.Tests;

/// <summary>Responses and connections that nobody closes, and silence that ends all the same.</summary>
public sealed class VerdictLeakTests
{
    private const int Bound = Simulation.Bound;

    [Fact(Timeout = Bound)]
    public async Task A_stream_nobody_reads_and_nobody_closes_is_a_leak()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.At((2, SimulatedFault.Endless)) });
        await simulation.AskAsync(Simulation.Body("Hi"));
        using (var response = await simulation.OpenAsync(Stream(Simulation.Body("Go on."))))
        {
            simulation.Provider.GetVerdict().ShouldBeClean();
            var verdict = await simulation.Provider.GetFinalVerdictAsync(patience: TimeSpan.FromMilliseconds(50));
            var finding = verdict.Findings.ShouldHaveSingleItem();
            (finding.Kind, finding.Request!.Number).ShouldBe((SimulatorFindingKind.Leak, 2));
        }

        (await simulation.Provider.GetFinalVerdictAsync(patience: TimeSpan.FromMilliseconds(Bound))).ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task A_connection_that_outlives_its_client_is_a_leak()
    {
        await using var simulation = await Simulation.StartAsync();
        await simulation.AskAsync(Simulation.Body("Hi"));
        // A pool keeps its connections: that is no fault while it lives.
        (await simulation.Provider.GetFinalVerdictAsync()).ShouldBeClean();

        // The whole stream is in the client's buffers; only its connection tells.
        var response = await simulation.OpenAsync(Stream(Simulation.Body("Hi")));
        simulation.Http.Dispose();
        var verdict = await simulation.Provider.GetFinalVerdictAsync(isDisposed: true, patience: TimeSpan.FromMilliseconds(50));
        verdict.ToString().ShouldContain("leak: request 2 at 00:00:00.000 (claude-sonnet-4-5, 200): its connection is still open");
        response.Dispose();
        (await simulation.Provider.GetFinalVerdictAsync(isDisposed: true, patience: TimeSpan.FromMilliseconds(Bound))).ShouldBeClean();
    }

    [Theory(Timeout = Bound)]
    [InlineData(true, 1)]
    [InlineData(false, 4)]
    public async Task Responses_that_are_left_lying_about_show_in_the_connections(bool closes, int most)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { VerdictRules = new SimulatorVerdictRules { MaxConnections = 1 } });
        var responses = new List<HttpResponseMessage>();
        for (var call = 0; call < 4; call++)
        {
            responses.Add(await simulation.OpenAsync(Stream(Simulation.Body($"call {call}"))));
            if (closes)
                (await responses[call].Content.ReadAsStringAsync()).ShouldContain("ok");
        }

        // The replies are so small that the provider is rid of them, read or not: nothing else tells.
        var verdict = await simulation.Provider.GetFinalVerdictAsync();
        (verdict.Connections, verdict.MostConnections).ShouldBe((most, most));
        verdict.Findings.Select(static finding => finding.ToString()).ShouldBe(closes ? [] : ["too many connections: 4 connections were open at once; 1 allowed"]);
        (await simulation.Provider.GetFinalVerdictAsync("somebody else")).ShouldBeClean();
        responses.ForEach(static response => response.Dispose());
    }

    [Theory(Timeout = Bound)]
    [InlineData(SimulatedBreak.Silence)]
    [InlineData(SimulatedBreak.Pings)]
    public async Task Silence_ends_even_for_a_client_that_never_leaves(SimulatedBreak how)
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = _ => SimulatedFault.BreakAfterEvents(how, 1),
            MaxSilence = TimeSpan.FromMilliseconds(50),
        });

        // On a slow machine it ends before the client has seen the headers.
        await Should.ThrowAsync<HttpRequestException>(async () =>
        {
            using var response = await simulation.OpenAsync(Stream(Simulation.Body("Hi")));
            await response.Content.ReadAsStringAsync();
        });
    }

    [Fact(Timeout = Bound)]
    public async Task Silence_ends_with_its_host()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.NoResponse });
        var asking = simulation.AskAsync(Simulation.Body("Hi"));
        while (simulation.Provider.Log is not [{ Fault: not null }])
            await Task.Yield();

        await simulation.Provider.DisposeAsync();

        await Should.ThrowAsync<HttpRequestException>(() => asking);
    }
}
