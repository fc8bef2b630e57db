namespace TokenBudget.Testing.Tests;

/// <summary>The simulator's judgement of its client.</summary>
public sealed class VerdictTests
{
    private const int Bound = 30_000;

    [Fact(Timeout = Bound)]
    public async Task Waiting_as_told_is_clean()
    {
        await using var simulation = await OneAMinute();
        await simulation.AskAsync(Simulation.Body("a"));
        await simulation.AskAsync(Simulation.Body("b"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(60));
        await simulation.AskAsync(Simulation.Body("b"));

        var verdict = simulation.Provider.GetVerdict();
        verdict.IsClean.ShouldBeTrue(verdict.ToString());
        verdict.RateLimited.ShouldBe(1);
        verdict.MostAttempts.ShouldBe(2);
        verdict.ToString().ShouldStartWith("clean; worst 60 s: 9 input tokens, 1 requests; 1 rate limited");
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
        verdict.IsClean.ShouldBeFalse();
        verdict.EarlyCalls.Single().Number.ShouldBe(3);
        verdict.ToString().ShouldContain("early call: request 3 at 00:0");
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

        simulation.Provider.GetVerdict().EarlyCalls.Select(call => call.Number).ShouldBe([4]);
    }

    [Fact(Timeout = Bound)]
    public async Task Another_client_is_not_bound_by_what_it_was_not_told()
    {
        await using var simulation = await OneAMinute();
        await simulation.AskAsync(Simulation.Body("a"), ("x-simulator-client", "one"));
        await simulation.AskAsync(Simulation.Body("a"), ("x-simulator-client", "one"));
        simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        await simulation.AskAsync(Simulation.Body("a"), ("x-simulator-client", "two"));
        await simulation.AskAsync(Simulation.Body("a"), ("x-simulator-client", "one"));

        simulation.Provider.GetVerdict().EarlyCalls.Select(call => call.Number).ShouldBe([4]);
        simulation.Provider.GetVerdict("two").IsClean.ShouldBeTrue();
        simulation.Provider.GetVerdict("one").EarlyCalls.Count.ShouldBe(1);
    }

    [Theory(Timeout = Bound)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    public async Task A_retry_of_what_can_never_succeed_is_caught(int status)
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            ApiKey = status == 401 ? "right" : null,
            Faults = status == 429 ? FaultPlan.InOrder(SimulatedFault.SpendLimit) : null,
        });
        var body = status switch
        {
            400 => """{"model":"m"}""",
            404 => Simulation.Body("Hi").Replace(Simulation.Sonnet, "gpt-5", StringComparison.Ordinal),
            _ => Simulation.Body("Hi"),
        };

        await simulation.AskAsync(body);
        simulation.Provider.GetVerdict().ForbiddenRetries.ShouldBeEmpty();
        simulation.Clock.Advance(TimeSpan.FromMinutes(10));
        await simulation.AskAsync(Simulation.Body("something else"));
        await simulation.AskAsync(body);

        simulation.Provider.Log[0].Status.ShouldBe(status);
        simulation.Provider.GetVerdict().ForbiddenRetries.Select(call => call.Number).ShouldBe([3]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_retry_of_an_overload_is_allowed()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.InOrder(SimulatedFault.Overloaded, SimulatedFault.InternalError) });
        for (var attempt = 0; attempt < 3; attempt++)
            await simulation.AskAsync(Simulation.Body("Hi"));

        simulation.Provider.Log.Select(exchange => exchange.Status).ShouldBe([529, 500, 200]);
        simulation.Provider.GetVerdict().IsClean.ShouldBeTrue();
        simulation.Provider.GetVerdict().MostAttempts.ShouldBe(3);
    }

    [Fact(Timeout = Bound)]
    public async Task A_call_id_tells_equal_questions_apart()
    {
        await using var simulation = await OneAMinute();
        await simulation.AskAsync(Simulation.Body("a"), ("x-simulator-call", "1"));
        await simulation.AskAsync(Simulation.Body("a"), ("x-simulator-call", "2"));
        await simulation.AskAsync(Simulation.Body("a"), ("x-simulator-call", "3"));

        simulation.Provider.GetVerdict().IsClean.ShouldBeTrue();
        simulation.Provider.GetVerdict().MostAttempts.ShouldBe(1);
    }

    [Fact(Timeout = Bound)]
    public async Task The_worst_minute_slides()
    {
        await using var simulation = await Simulation.StartAsync();
        // Two at 0:40, two at 1:20, one at 1:40: the worst 60 s hold four; a fixed minute would hold three.
        foreach (var (wait, count) in new[] { (40, 2), (40, 2), (20, 1) })
        {
            simulation.Clock.Advance(TimeSpan.FromSeconds(wait));
            for (var index = 0; index < count; index++)
                await simulation.AskAsync(Simulation.Body("Hi"));
        }

        var verdict = simulation.Provider.GetVerdict();
        verdict.WorstMinuteRequests.ShouldBe(4);
        verdict.WorstMinuteInputTokens.ShouldBe(4 * 9);
    }

    [Fact(Timeout = Bound)]
    public async Task A_simulator_nobody_called_finds_its_client_clean()
    {
        await using var simulation = await OneAMinute();
        simulation.Provider.GetVerdict().IsClean.ShouldBeTrue();
        simulation.Provider.GetVerdict().MostAttempts.ShouldBe(0);
    }

    private static Task<Simulation> OneAMinute() => Simulation.StartAsync(options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 1 } });
}
