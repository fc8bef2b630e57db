using Orchestrator.Session;
using TokenBudget.Testing;

namespace Orchestrator.Tests;

/// <summary>The sample's session, short enough to fit the rate limit of one minute, on a clock that stands still.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task The_generated_client_finishes_the_session_and_its_ledger_is_the_providers_bill()
    {
        var script = SessionScript.Create(workSteps: 4, burst: 3);
        var done = 0;
        var run = await Comparison(script).RunBudgetedAsync(() => done++, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

        done.ShouldBe(script.Steps.Count);
        run.RateLimitErrors.ShouldBe(0);
        run.CacheHits.ShouldBe((1, 1));
        run.LedgerUsd.ShouldBe(run.CostUsd);
        run.LargestRequest.ShouldBeLessThan(32_000);
        run.Verdict!.ShouldStartWith("clean");
    }

    [Fact]
    public async Task All_three_clients_do_the_same_job()
    {
        // The last-twenty client writes its whole prompt anew with every request, so that two steps are all the minute's limit holds.
        var script = SessionScript.Create(workSteps: 2, burst: 2);

        var unbounded = await Comparison(script).RunUnboundedAsync(() => { }, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
        var lastTwenty = await Comparison(script).RunLastTwentyAsync(() => { }, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
        var budgeted = await Comparison(script).RunBudgetedAsync(() => { }, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));

        lastTwenty.Requests.ShouldBe(unbounded.Requests);
        budgeted.Requests.ShouldBe(unbounded.Requests);
        budgeted.OutputTokens.ShouldBe(unbounded.OutputTokens);
    }

    private static SessionComparison Comparison(SessionScript script) =>
        new(script, new Simulation(static () => new VirtualTimeProvider(), SimulatedLatency.None));
}
