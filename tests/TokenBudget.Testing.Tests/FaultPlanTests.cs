namespace TokenBudget.Testing.Tests;

/// <summary>Plans: who gets which fault.</summary>
public sealed class FaultPlanTests
{
    private const int Bound = Simulation.Bound;

    private static readonly SimulatedFault A = SimulatedFault.InternalError;
    private static readonly SimulatedFault B = SimulatedFault.Overloaded;

    [Fact(Timeout = Bound)]
    public async Task Plans_go_by_order_number_attempt_and_condition()
    {
        (await StatusesAsync(FaultPlan.InOrder(null, A), "a", "b", "c")).ShouldBe([200, 500, 200]);
        (await StatusesAsync(FaultPlan.At((1, A), (3, B)), "a", "b", "c")).ShouldBe([500, 200, 529]);
        (await StatusesAsync(FaultPlan.EachCall(A, B), "a", "a", "b", "a", "b", "b")).ShouldBe([500, 529, 500, 200, 529, 200]);
        (await StatusesAsync(FaultPlan.When(request => request.LastUserText == "b", B), "a", "b", "c")).ShouldBe([200, 529, 200]);
        (await StatusesAsync(FaultPlan.FirstOf(FaultPlan.At((1, A)), FaultPlan.When(_ => true, B)), "a", "b")).ShouldBe([500, 529]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_seed_strikes_the_same_calls_in_whatever_order_they_come()
    {
        var plan = FaultPlan.Seeded(7, (0.3, A), (0.3, B));
        string[] calls = [.. Enumerable.Range(0, 60).Select(index => $"call {index}")];

        var forward = await StatusesAsync(plan, calls);
        var backward = await StatusesAsync(plan, [.. calls.Reverse()]);
        var other = await StatusesAsync(FaultPlan.Seeded(8, (0.3, A), (0.3, B)), calls);

        backward.Reverse().ShouldBe(forward);
        other.ShouldNotBe(forward);
        forward.Count(status => status == 500).ShouldBeInRange(8, 28);
        forward.Count(status => status == 529).ShouldBeInRange(8, 28);
    }

    [Fact]
    public void Shares_must_make_sense()
    {
        Should.Throw<ArgumentException>(() => FaultPlan.Seeded(1, (1.1, A)));
        Should.Throw<ArgumentException>(() => FaultPlan.Seeded(1, (-0.1, A)));
        Should.Throw<ArgumentException>(() => FaultPlan.Seeded(1, (double.NaN, A)));
        Should.Throw<ArgumentException>(() => FaultPlan.Seeded(1, (0.6, A), (0.6, B)));
    }

    [Fact]
    public void A_fault_says_what_it_is()
    {
        SimulatedFault.Overloaded.ToString().ShouldBe("529 overloaded_error / 503 service_unavailable_error server_is_overloaded");
        (SimulatedFault.CutAfterEvents(3) with { Gzip = true, Delay = TimeSpan.FromSeconds(1.5) }).ToString().ShouldBe("1.5 s late, gzip, Close after 3 events");
        SimulatedFault.CutAfterBytes(10, SimulatedBreak.Reset).ToString().ShouldBe("Reset after 10 bytes");
        SimulatedFault.NoResponse.ToString().ShouldBe("Silence before headers");
        new SimulatedFault().ToString().ShouldBe("no fault");
    }

    [Fact]
    public void Nonsense_is_refused()
    {
        Should.Throw<ArgumentException>(() => SimulatedFault.BreakAfterEvents(SimulatedBreak.ErrorEvent, 1));
        Should.Throw<ArgumentException>(() => SimulatedFault.CutAfterBytes(1, SimulatedBreak.Pings));
        Should.Throw<ArgumentOutOfRangeException>(() => SimulatedFault.CutAfterEvents(-1));
        Should.Throw<ArgumentOutOfRangeException>(() => SimulatedFault.UsageTimes(-1));
        Should.Throw<ArgumentOutOfRangeException>(() => SimulatedFault.DuplicateEvent(0));
        Should.Throw<ArgumentException>(() => SimulatedFault.ChangeLimits(new SimulatedLimits { RequestsPerMinute = 0 }));
    }

    private static async Task<IEnumerable<int>> StatusesAsync(Func<SimulatedRequest, SimulatedFault?> plan, params string[] calls)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = plan });
        foreach (var call in calls)
            await simulation.AskAsync(Simulation.Body(call), ("x-simulator-call", call));
        return simulation.Provider.Log.Select(exchange => exchange.Status);
    }
}
