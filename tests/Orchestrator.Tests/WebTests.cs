using System.Net;
using System.Text.Json;
using Orchestrator.Session;
using Orchestrator.Web;
using TokenBudget.Testing;
using TokenBudget.TestSupport;

namespace Orchestrator.Tests;

/// <summary>The sample as a web application, on a port of its own and a file of its own.</summary>
public sealed class WebTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"orchestrator-{Guid.NewGuid():N}.db");

    [Fact]
    public async Task It_shows_the_session_and_can_be_asked_what_it_has_spent()
    {
        var script = SessionScript.Create(workSteps: 4, burst: 3);
        var clock = new VirtualTimeProvider();
        await using var host = await OrchestratorHost.StartAsync(
            script, new Simulation(() => clock, SimulatedLatency.None), realApiKey: null, "http://127.0.0.1:0", _file, CancellationToken.None);
        using var client = new HttpClient { BaseAddress = host.Address };

        var run = await host.RunSessionAsync(static () => { }, CancellationToken.None).WaitAsync(Patience);

        run.LedgerUsd.ShouldBe(run.CostUsd);
        run.Verdict!.ShouldStartWith("clean");
        using var costs = JsonDocument.Parse(await client.GetStringAsync("/api/metrics/costs"));
        costs.RootElement.GetProperty("totalUsd").GetDecimal().ShouldBe(run.CostUsd);
        (await client.GetStringAsync("/tokenbudget")).ShouldContain("<html");
        (await client.GetStringAsync("/health")).ShouldBe("Healthy");
        (await client.GetStringAsync("/metrics")).ShouldContain("tokenbudget_cost_usd_total");
        using var conversations = JsonDocument.Parse(await client.GetStringAsync("/api/conversations"));
        conversations.RootElement.GetProperty("total").GetInt64().ShouldBe(1);

        // The session has used up its minute, and the clock stands still.
        clock.Advance(TimeSpan.FromMinutes(2));
        (await AskAsync(client, withHeader: false)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var answer = await AskAsync(client, withHeader: true);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        // The agent's own answer, from the tool: the ledger as it was when it looked, the request that asked for the tool included.
        using var report = JsonDocument.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..]);
        report.RootElement.GetProperty("requests").GetInt64().ShouldBe(run.Requests + 1);
        report.RootElement.GetProperty("spentUsd").GetDecimal().ShouldBeGreaterThan(run.CostUsd);
        report.RootElement.GetProperty("avoidedUsd").GetDecimal().ShouldBeGreaterThan(0);
        report.RootElement.GetProperty("budgets")[0].GetProperty("limitUsd").GetDecimal().ShouldBe(10);
    }

    [Fact]
    public async Task Paused_from_the_dashboard_the_session_waits_and_goes_on_where_it_stopped()
    {
        await using var host = await OrchestratorHost.StartAsync(
            SessionScript.Create(workSteps: 4, burst: 3), new Simulation(static () => new VirtualTimeProvider(), SimulatedLatency.None), realApiKey: null, "http://127.0.0.1:0", _file, CancellationToken.None);
        using var client = new HttpClient { BaseAddress = host.Address, DefaultRequestHeaders = { { "X-TokenBudget", "1" } } };
        var steps = 0;
        var isPaused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var running = host.RunSessionAsync(
            () =>
            {
                if (++steps != 3)
                    return;
                using var paused = client.PostAsync("/api/budgets/OrchestratorAgent/pause?reason=lunch", null).GetAwaiter().GetResult();
                paused.StatusCode.ShouldBe(HttpStatusCode.OK);
                isPaused.SetResult();
            },
            CancellationToken.None);
        await isPaused.Task.WaitAsync(Patience);
        // The step after the pause has been refused, and nothing is sent any more.
        await Eventually.TrueAsync(async () => (await client.GetStringAsync("/metrics")).Contains("tokenbudget_reason=\"paused\"", StringComparison.Ordinal));
        (running.IsCompleted, steps).ShouldBe((false, 3));

        using var resumed = await client.PostAsync("/api/budgets/OrchestratorAgent/resume", null);
        resumed.StatusCode.ShouldBe(HttpStatusCode.OK);
        var run = await running.WaitAsync(Patience);

        steps.ShouldBe(host.Steps);
        run.Verdict!.ShouldStartWith("clean");
        run.LedgerUsd.ShouldBe(run.CostUsd);
    }

    public void Dispose()
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"])
            File.Delete(_file + suffix);
    }

    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, bool withHeader)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ask") { Content = new StringContent("What have you spent?") };
        if (withHeader)
            request.Headers.Add("X-TokenBudget", "1");
        return await client.SendAsync(request);
    }
}
