using static TokenBudget.Testing.Tests.VerdictSample;

namespace TokenBudget.Testing.Tests;

/// <summary>What may be tried again and how often, and which requests are one call.</summary>
public sealed class VerdictRetryTests
{
    private const int Bound = Simulation.Bound;

    public static TheoryData<string> Hopeless =>
    [
        .. AnthropicErrors.All.Where(static error => !error.Value.MayBeRetried).Select(static error => "Anthropic/" + error.Key),
        .. OpenAIErrors.All.Where(static error => !error.Value.MayBeRetried).Select(static error => "OpenAI/" + error.Key),
    ];

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Hopeless))]
    public async Task A_retry_of_what_can_never_succeed_is_caught(string name)
    {
        var isOpenAI = name.StartsWith("OpenAI/", StringComparison.Ordinal);
        var error = isOpenAI ? OpenAIErrors.All[name["OpenAI/".Length..]] : AnthropicErrors.All[name["Anthropic/".Length..]];
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.At((1, SimulatedFault.Fail(error))) });
        Func<string, string> body = isOpenAI ? text => Simulation.GptBody(text) : text => Simulation.Body(text);

        await simulation.AskTextAsync(body("Hi"));
        simulation.Provider.GetVerdict().ShouldBeClean();
        simulation.Clock.Advance(TimeSpan.FromMinutes(10));
        await simulation.AskAsync(body("something else"));
        await simulation.AskAsync(body("Hi"));

        var finding = simulation.Provider.GetVerdict().Findings.ShouldHaveSingleItem();
        (finding.Kind, finding.Request!.Number).ShouldBe((SimulatorFindingKind.ForbiddenRetry, 3));
        finding.Reason.ShouldStartWith($"repeats request 1, which was answered {error.Status} ");
    }

    [Theory(Timeout = Bound)]
    [InlineData(400, true)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    public async Task So_is_a_retry_of_what_the_provider_itself_refuses(int status, bool isInvalid)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { ApiKey = status == 401 ? "right" : null });
        var body = status switch
        {
            400 => """{"model":"m"}""",
            404 => Simulation.Body("Hi").Replace(Simulation.Sonnet, "gpt-5", StringComparison.Ordinal),
            _ => Simulation.Body("Hi"),
        };

        await simulation.AskAsync(body);
        await simulation.AskAsync(body);

        simulation.Provider.Log[0].Status.ShouldBe(status);
        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.ForbiddenRetry).ShouldBe([2]);
        Numbers(simulation.Provider.GetVerdict(), SimulatorFindingKind.InvalidRequest).ShouldBe(isInvalid ? [1, 2] : []);
    }

    [Fact(Timeout = Bound)]
    public async Task A_400_that_the_plan_played_is_not_the_clients_fault()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.InOrder(SimulatedFault.Fail(AnthropicErrors.UsageLimitReached)) });
        await simulation.AskAsync(Simulation.Body("Hi"));

        simulation.Provider.Log.Single().IsPlayed.ShouldBeTrue();
        simulation.Provider.GetVerdict().ShouldBeClean();
    }

    [Fact(Timeout = Bound)]
    public async Task A_retry_of_an_overload_is_allowed_but_not_without_end()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.Overloaded });
        for (var attempt = 0; attempt < 5; attempt++)
            await simulation.AskAsync(Simulation.Body("Hi"));
        simulation.Provider.GetVerdict().ShouldBeClean();
        await simulation.AskAsync(Simulation.Body("Hi"));

        var finding = simulation.Provider.GetVerdict().Findings.ShouldHaveSingleItem();
        finding.ToString().ShouldBe("too many attempts: request 6 at 00:00:00.000 (claude-sonnet-4-5, 529): attempt 6 of one call (1, 2, 3, 4, 5, 6); 5 allowed");
    }

    [Fact(Timeout = Bound)]
    public async Task Retries_of_all_calls_together_can_be_bounded()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = FaultPlan.EachCall(SimulatedFault.Overloaded),
            VerdictRules = new SimulatorVerdictRules { MaxRequestsPerCall = 1.1 },
        });
        for (var call = 0; call < 2; call++)
        {
            await simulation.AskAsync(Simulation.Body($"call {call}"));
            await simulation.AskAsync(Simulation.Body($"call {call}"));
        }

        var finding = simulation.Provider.GetVerdict().Findings.ShouldHaveSingleItem();
        finding.ToString().ShouldBe("too many requests: 4 requests for 2 calls are more than 1.1 for each");
    }

    [Theory(Timeout = Bound)]
    [InlineData("x-simulator-call")]
    [InlineData("idempotency-key")]
    public async Task A_call_id_tells_equal_questions_apart_and_different_ones_together(string header)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.InOrder(SimulatedFault.Overloaded, SimulatedFault.Overloaded, SimulatedFault.Overloaded) });
        foreach (var id in (string[])["1", "2", "3"])
            await simulation.AskAsync(Simulation.Body("a"), (header, id));
        simulation.Provider.GetVerdict().MostAttempts.ShouldBe(1);
        await simulation.AskAsync(Simulation.Body("another body, as of a client that writes a date into it"), (header, "3"));

        (simulation.Provider.GetVerdict().MostAttempts, simulation.Provider.GetVerdict().Calls).ShouldBe((2, 3));
    }

    [Fact(Timeout = Bound)]
    public async Task Who_asks_again_after_a_whole_answer_makes_another_call()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = FaultPlan.At((2, SimulatedFault.Overloaded)) });
        for (var index = 0; index < 4; index++)
            await simulation.AskAsync(Simulation.Body("the same"));

        simulation.Provider.Log.Select(exchange => exchange.Attempt).ShouldBe([1, 1, 2, 1]);
        simulation.Provider.GetVerdict().Calls.ShouldBe(3);
    }
}
