using System.Text.Json;
using Npgsql;
using Orchestrator.Session;
using Orchestrator.Web;
using TokenBudget.Conformance;
using TokenBudget.PostgreSql.Tests;
using TokenBudget.Testing;
using TokenBudget.TestSupport;

namespace Orchestrator.Tests;

/// <summary>The sample on PostgreSQL.</summary>
[PostgreSqlRequired]
public sealed class PostgreSqlTests(PostgreSqlCluster cluster) : IClassFixture<PostgreSqlCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [ConformanceFact]
    public async Task The_session_is_kept_and_the_next_start_goes_on_from_it()
    {
        var database = await cluster.CreateDatabaseAsync();
        decimal spent;
        await using (var host = await StartAsync(database))
        {
            host.Store.ShouldBe("PostgreSQL");
            var run = await host.RunSessionAsync(static () => { }, CancellationToken.None).WaitAsync(Patience);
            run.Verdict!.ShouldStartWith("clean");
            run.LedgerUsd.ShouldBe(spent = run.CostUsd);
            using var client = new HttpClient { BaseAddress = host.Address };
            (await client.GetStringAsync("/health")).ShouldBe("Healthy");
        }

        await using var source = NpgsqlDataSource.Create(database);
        await using (var command = source.CreateCommand("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"))
            // The store was closed with the host; the server takes a moment to see its connections go.
            await Eventually.TrueAsync(async () => await command.ExecuteScalarAsync() is 0L);
        await using var next = await StartAsync(database);
        using var asking = new HttpClient { BaseAddress = next.Address };
        using var costs = JsonDocument.Parse(await asking.GetStringAsync("/api/metrics/costs"));
        costs.RootElement.GetProperty("totalUsd").GetDecimal().ShouldBe(spent);
        using var conversations = JsonDocument.Parse(await asking.GetStringAsync("/api/conversations"));
        conversations.RootElement.GetProperty("total").GetInt64().ShouldBe(1);
    }

    [ConformanceFact]
    public async Task A_process_is_told_by_its_environment()
    {
        var database = await cluster.CreateDatabaseAsync();
        using var sample = new RunningSample([], ("ConnectionStrings__TokenBudget", database + ";Password=canary-password"));
        using var client = new HttpClient { BaseAddress = await sample.AddressAsync() };
        await sample.UntilAsync(async () =>
        {
            using var costs = JsonDocument.Parse(await client.GetStringAsync("api/metrics/costs"));
            return costs.RootElement.GetProperty("totalUsd").GetDecimal() > 0;
        });

        await using var source = NpgsqlDataSource.Create(database);
        await using var count = source.CreateCommand("SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')");
        ((long)(await count.ExecuteScalarAsync())!).ShouldBeGreaterThan(2);
        (await sample.StopAsync()).ShouldBeOneOf(0, 130);
        sample.Said.ShouldContain("the ledger in PostgreSQL. Ctrl+C stops.");
        sample.Said.ShouldNotContain("canary");
    }

    private static Task<OrchestratorHost> StartAsync(string database) => OrchestratorHost.StartAsync(
        SessionScript.Create(workSteps: 4, burst: 3), new Simulation(static () => new VirtualTimeProvider(), SimulatedLatency.None), realApiKey: null, "http://127.0.0.1:0", database, CancellationToken.None);
}
