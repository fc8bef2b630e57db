using TokenBudget.Testing;

namespace Orchestrator.Session;

/// <summary>The clock and the pace of a simulated provider.</summary>
/// <param name="CreateClock">Makes the clock of one run.</param>
/// <param name="Latency">How long the model takes, by that clock.</param>
internal sealed record Simulation(Func<TimeProvider> CreateClock, SimulatedLatency Latency)
{
    private const int ClockFactor = 60;

    private static readonly SimulatedLatency Ordinary = new() { TimeToFirstToken = TimeSpan.FromSeconds(1), OutputTokensPerSecond = 80 };

    /// <summary>A model of ordinary speed, on a clock 60 times as fast.</summary>
    public static Simulation Fast { get; } = new(static () => new FastClock(ClockFactor), Ordinary);

    /// <summary>The same at the pace of everybody else: a store that several machines share keeps its server's time, and answers no faster than it can.</summary>
    public static Simulation RealPace { get; } = new(static () => TimeProvider.System, Ordinary);
}
