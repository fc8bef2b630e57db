using TokenBudget.Testing;

namespace Orchestrator.Session;

/// <summary>The clock and the pace of a simulated provider.</summary>
/// <param name="CreateClock">Makes the clock of one run.</param>
/// <param name="Latency">How long the model takes, by that clock.</param>
internal sealed record Simulation(Func<TimeProvider> CreateClock, SimulatedLatency Latency)
{
    private const int ClockFactor = 60;

    /// <summary>A model of ordinary speed, on a clock 60 times as fast.</summary>
    public static Simulation Fast { get; } = new(
        static () => new FastClock(ClockFactor),
        new SimulatedLatency { TimeToFirstToken = TimeSpan.FromSeconds(1), OutputTokensPerSecond = 80 });
}
