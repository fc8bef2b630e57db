using Anthropic.Exceptions;
using Microsoft.Extensions.AI;
using Orchestrator.Agents;
using Orchestrator.Provider;
using Orchestrator.Reporting;
using TokenBudget;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Testing;

namespace Orchestrator.Session;

/// <summary>The same session three times: unbounded, the last 20 messages, and the generated client.</summary>
/// <param name="script">The session.</param>
/// <param name="simulation">The simulated provider's clock and pace; <see langword="null"/>, the real service.</param>
/// <param name="realApiKey">The real service's key.</param>
internal sealed class SessionComparison(SessionScript script, Simulation? simulation, string? realApiKey = null)
{
    /// <summary>Steps of one run.</summary>
    public int Steps => script.Steps.Count;

    /// <summary>
    /// The most the real service could charge for all three runs: every step takes all its rounds, every round of the plain clients sends the largest
    /// context the model takes and every round of ours the limit, nothing is read from a cache, every answer is as long as it may be.
    /// </summary>
    public decimal WorstCaseUsd
    {
        get
        {
            const int LargestContext = 200_000;
            const int OurContext = 32_000;
            const int TicketTokens = 6_000;
            var rounds = script.Steps.Count(step => step is WorkStep or ReportStep) * Prompts.MaxRounds;
            var tickets = script.Steps.Sum(step => step is BurstStep burst ? burst.Tickets.Count : step is ClassifyStep ? 1 : 0);
            return (rounds * (Worst(LargestContext) + Worst(LargestContext) + Worst(OurContext))) + (tickets * 3 * Worst(TicketTokens));

            static decimal Worst(int inputTokens) =>
                CostCalculator.WorstCase(ModelCatalogue.Default.Get(Prompts.Model), inputTokens, Prompts.MaxOutputTokens, TimeProvider.System.GetUtcNow()).Dollars;
        }
    }

    public Task<RunResult> RunUnboundedAsync(Action onStep, CancellationToken cancellationToken) =>
        RunPlainAsync("unbounded", lastMessages: null, onStep, cancellationToken);

    public Task<RunResult> RunLastTwentyAsync(Action onStep, CancellationToken cancellationToken) =>
        RunPlainAsync("last 20 messages", lastMessages: 20, onStep, cancellationToken);

    public async Task<RunResult> RunBudgetedAsync(Action onStep, CancellationToken cancellationToken)
    {
        await using var provider = await Connection.OpenAsync(simulation, realApiKey, cancellationToken);
        var options = TokenBudgetOptionsReader.FromEnvironment();
        options.StatusOf = static exception => (exception as AnthropicApiException)?.StatusCode;
        await using var runtime = new TokenBudgetRuntime(options, time: provider.Clock);
        var agent = new OrchestratorAgent(provider.Client, runtime);
        var worker = new BudgetedWorker(agent, await runtime.OpenConversationAsync("session", cancellationToken));
        using var overhead = new OverheadMeter(provider.ClockFactor);
        var wallTime = await RunAsync(provider, worker, onStep, cancellationToken);
        // Summaries that are still being written are on the bill too.
        await runtime.DrainAsync();

        var totals = await runtime.Ledger.TotalAsync(new LedgerQuery(), cancellationToken: cancellationToken);
        return provider.Measure("TokenBudget", wallTime) with
        {
            CacheHits = (runtime.Cache.GetStatistics().Hits, script.Repeated),
            Overhead = overhead.Median,
            LedgerUsd = totals.Sum(total => total.Cost.Dollars),
        };
    }

    private async Task<RunResult> RunPlainAsync(string name, int? lastMessages, Action onStep, CancellationToken cancellationToken)
    {
        await using var provider = await Connection.OpenAsync(simulation, realApiKey, cancellationToken);
        var worker = new PlainWorker(new BackoffClient(provider.Client, provider.Clock), lastMessages);
        return provider.Measure(name, await RunAsync(provider, worker, onStep, cancellationToken));
    }

    private async Task<TimeSpan> RunAsync(Connection provider, IWorker worker, Action onStep, CancellationToken cancellationToken)
    {
        var started = provider.Clock.GetUtcNow();
        await new SessionRunner(script, provider.Clock).RunAsync(worker, onStep, cancellationToken);
        return provider.Clock.GetUtcNow() - started;
    }

    /// <summary>A provider of its own for each run: cold cache, full buckets, empty bill.</summary>
    private sealed class Connection : IAsyncDisposable
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
}
