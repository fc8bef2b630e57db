using Microsoft.Extensions.AI;
using Orchestrator.Agents;
using Orchestrator.Reporting;
using Orchestrator.Session;
using TokenBudget.Testing;

namespace Orchestrator.Provider;

/// <summary>A provider of its own for each run, with a cold cache, full buckets and an empty bill; or the real service.</summary>
internal sealed class Connection : IAsyncDisposable
{
    private readonly UsageMeter _meter;
    private readonly ProviderSimulator? _simulator;

    private Connection(ProviderSimulator? simulator, TimeProvider clock, string apiKey)
    {
        _simulator = simulator;
        Clock = clock;
        _meter = new UsageMeter(ProviderConnection.Open(simulator?.BaseAddress, apiKey), clock);
    }

    public IChatClient Client => _meter;

    public TimeProvider Clock { get; }

    public int ClockFactor => Clock is FastClock fast ? fast.Factor : 1;

    /// <summary>Time passes as everywhere else from now on.</summary>
    public void SlowDown() => (Clock as FastClock)?.SlowDown();

    public static async Task<Connection> OpenAsync(Simulation? simulation, string? realApiKey, CancellationToken cancellationToken)
    {
        const string SimulatedKey = "simulated";
        if (simulation is null)
            return new Connection(null, TimeProvider.System, realApiKey!);
        var clock = simulation.CreateClock();
        var simulator = await ProviderSimulator.StartAsync(
            new SimulatorOptions
            {
                Models = [SimulatedPrices.Of(Prompts.Model, clock.GetUtcNow()), SimulatedPrices.Of(Prompts.SummaryModel, clock.GetUtcNow())],
                Responder = SimulatedOperator.RespondAsync,
                TimeProvider = clock,
                Limits = new SimulatedLimits { RequestsPerMinute = 1_000, InputTokensPerMinute = 80_000, OutputTokensPerMinute = 64_000 },
                Latency = simulation.Latency,
                ApiKey = SimulatedKey,
            },
            cancellationToken);
        return new Connection(simulator, clock, SimulatedKey);
    }

    /// <summary>The provider's figures: the simulator's own bill, or what the real service reported.</summary>
    public RunResult Measure(string name, TimeSpan wallTime) => _simulator is not null
        ? RunResult.Of(name, wallTime, _simulator)
        : new RunResult
        {
            Name = name,
            WallTime = wallTime,
            Requests = _meter.Requests,
            InputTokens = _meter.Usage.TotalInput,
            CachedTokens = _meter.Usage.CacheRead,
            OutputTokens = _meter.Usage.TotalOutput,
            CostUsd = _meter.Cost.Dollars,
            RateLimitErrors = _meter.RateLimited,
            LargestRequest = _meter.Largest,
        };

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        if (_simulator is not null)
            await _simulator.DisposeAsync();
    }
}
