using System.Globalization;
using Npgsql;
using TokenBudget.Conformance;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.TestSupport;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>What a reservation costs on the wire, and that those of many budgets, which go to the server together, do not stand in each other's way.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlWriterTests(PostgreSqlCluster cluster)
{
    [ConformanceFact]
    public async Task A_reservation_is_one_round_trip_and_so_is_its_settlement()
    {
        const int Calls = 30;
        var through = await cluster.CreateDatabaseAsync();
        await using var proxy = TcpProxy.For(ref through);
        await using var store = await PostgreSqlStore.OpenAsync(through);
        // Asked itself, not by a tracker, which has only so much patience: round trips are counted here, however long a busy machine takes for one.
        IReservationLedger ledger = store;
        // Connections are opened, and statements prepared on each.
        for (var i = 0; i < 20; i++)
            await CallAsync();

        var before = proxy.Requests;
        for (var i = 0; i < Calls; i++)
            await CallAsync();

        // And a sign of life or two of the process.
        (proxy.Requests - before).ShouldBeInRange(2 * Calls, (2 * Calls) + 6);

        async Task CallAsync()
        {
            var line = Line(0) with { Id = Guid.NewGuid(), Outcome = LedgerOutcome.Reserved, Cost = Usd.FromDollars(0.01m) };
            (await ledger.ReserveAsync(line, [ClaimOf(0)])).Single().Refuses.ShouldBeFalse();
            await ledger.AppendAsync(line with { Outcome = LedgerOutcome.Completed });
        }
    }

    [ConformanceFact]
    public async Task Requests_of_many_budgets_never_wait_for_each_other_in_a_circle()
    {
        const int Budgets = 8;
        var database = await cluster.CreateDatabaseAsync();
        await using var here = await PostgreSqlStore.OpenAsync(database);
        await using var there = await PostgreSqlStore.OpenAsync(database);
        var failed = 0;
        await Task.WhenAll(((PostgreSqlStore[])[here, there]).SelectMany(store => Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            IReservationLedger ledger = store;
            for (var i = 0; i < 20; i++)
            {
                // Two of them, as a method and its team have.
                var first = random.Next(Budgets);
                var claims = ((int[])[first, (first + 1 + random.Next(Budgets - 1)) % Budgets]).Select(ClaimOf).ToArray();
                var line = Line(i);
                try
                {
                    await ledger.ReserveAsync(line, claims);
                    if (i % 3 == 0)
                        await ledger.ReleaseAsync(line.Id);
                    else
                        await ledger.AppendAsync(line with { Outcome = LedgerOutcome.Completed, Cost = new Usd(3) });
                }
                catch (Exception error) when (error is TimeoutException or NpgsqlException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }))));

        (await NumberAsync(database, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")).ShouldBe(0, $"and {failed} requests failed");
        failed.ShouldBe(0);
        (await NumberAsync(database, "SELECT SUM(taken) FROM tokenbudget.budgets")).ShouldBe(2 * await NumberAsync(database, "SELECT SUM(cost) FROM tokenbudget.ledger"));
    }

    private static BudgetClaim ClaimOf(int budget) =>
        new(string.Create(CultureInfo.InvariantCulture, $"b{budget}"), BudgetPeriod.Total, null, null, Usd.FromDollars(1_000), PausesAtLimit: false, Usd.Zero, Usd.Zero);

    private static LedgerEntry Line(int i) => new()
    {
        Id = Guid.NewGuid(),
        At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddSeconds(i),
        Agent = "a",
        Method = "m",
        Model = "x",
        Budget = "b",
        Outcome = LedgerOutcome.Reserved,
        Cost = new Usd(5),
    };

    private static async Task<long> NumberAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
