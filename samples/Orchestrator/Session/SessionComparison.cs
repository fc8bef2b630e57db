using Anthropic.Exceptions;
using Orchestrator.Agents;
using Orchestrator.Provider;
using Orchestrator.Reporting;
using TokenBudget;
using TokenBudget.Configuration;
using TokenBudget.Costs;

namespace Orchestrator.Session;

/// <summary>The same session three times: unbounded, the last 20 messages, and the generated client.</summary>
/// <param name="script">The session.</param>
/// <param name="simulation">The simulated provider's clock and pace; <see langword="null"/>, the real service.</param>
/// <param name="realApiKey">The real service's key.</param>
internal sealed class SessionComparison(SessionScript script, Simulation? simulation, string? realApiKey = null)
{
    /// <summary>Steps of one run.</summary>
    public int Steps => script.Steps.Count;

    /// <summary>The most the real service could charge for all three runs.</summary>
    public decimal WorstCaseUsd => (2 * WorstCase.Of(script, WorstCase.LargestContext)) + WorstCase.Of(script, WorstCase.OurContext);

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
        var agent = new OrchestratorAgent(provider.Client, runtime, new CostTools(runtime));
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
}
