using Npgsql;
using TokenBudget.Conformance;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>What is particular to PostgreSQL; what every store promises is in the conformance suites.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlStoreTests(PostgreSqlCluster cluster)
{
    private static readonly LedgerEntry Line = new()
    {
        Id = Guid.NewGuid(),
        At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Agent = "agent",
        Method = "method",
        Model = "model",
        Budget = "budget",
        Cost = new Usd(5),
    };

    [ConformanceFact]
    public async Task Processes_that_start_together_create_the_tables_once()
    {
        var database = await cluster.EmptyDatabaseAsync(this);

        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PostgreSqlStore.OpenAsync(database + ";Pooling=false"))));

        await stores[0].AppendAsync(Line);
        foreach (var store in stores)
        {
            (await store.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(5));
            await store.DisposeAsync();
        }
    }

    [ConformanceFact]
    public async Task Closing_twice_is_closing_once()
    {
        var store = await PostgreSqlStore.OpenAsync(await cluster.EmptyDatabaseAsync(this));
        await store.AppendAsync(Line);

        await store.DisposeAsync();
        await Should.NotThrowAsync(async () => await store.DisposeAsync());
    }

    [ConformanceFact]
    public async Task A_store_that_is_only_read_changes_nothing()
    {
        var database = await cluster.EmptyDatabaseAsync(this);
        (await Should.ThrowAsync<InvalidDataException>(() => PostgreSqlStore.OpenReadOnlyAsync(database))).Message.ShouldContain("tokenbudget");
        await using (var store = await PostgreSqlStore.OpenAsync(database))
            await store.AppendAsync(Line);

        await using var reader = await PostgreSqlStore.OpenReadOnlyAsync(database);

        (await reader.ReadAsync(new LedgerQuery()).ToListAsync()).ShouldBe([Line]);
        (await Should.ThrowAsync<PostgresException>(async () => await reader.AppendAsync(Line with { Id = Guid.NewGuid() }))).SqlState.ShouldBe(PostgresErrorCodes.ReadOnlySqlTransaction);
    }

    [ConformanceFact]
    public async Task Schemas_keep_stores_apart()
    {
        await using var source = NpgsqlDataSource.Create(await cluster.EmptyDatabaseAsync(this));
        await using var one = await PostgreSqlStore.OpenAsync(source, new PostgreSqlStoreOptions { Schema = "one" });
        await using var two = await PostgreSqlStore.OpenAsync(source, new PostgreSqlStoreOptions { Schema = "two" });

        await one.AppendAsync(Line);

        (await one.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(5));
        (await two.SumCostAsync(new LedgerQuery())).ShouldBe(Usd.Zero);
    }

    [ConformanceFact]
    public async Task A_schema_made_by_an_administrator_is_enough()
    {
        var database = await cluster.EmptyDatabaseAsync(this);
        await ExecuteAsync(database, "CREATE ROLE modest LOGIN; CREATE SCHEMA tokenbudget AUTHORIZATION modest");

        await using var store = await PostgreSqlStore.OpenAsync(database + ";Username=modest");

        await store.AppendAsync(Line);
    }

    [ConformanceFact]
    public async Task A_schema_of_a_newer_version_is_refused()
    {
        var database = await cluster.EmptyDatabaseAsync(this);
        await (await PostgreSqlStore.OpenAsync(database)).DisposeAsync();
        await ExecuteAsync(database, "UPDATE tokenbudget.schema_version SET version = 1000");

        (await Should.ThrowAsync<InvalidDataException>(() => PostgreSqlStore.OpenAsync(database))).Message.ShouldContain("1000");
    }

    [ConformanceFact]
    public async Task A_data_source_of_the_callers_stays_open()
    {
        await using var source = NpgsqlDataSource.Create(await cluster.EmptyDatabaseAsync(this));
        await (await PostgreSqlStore.OpenAsync(source)).DisposeAsync();

        await using var again = await PostgreSqlStore.OpenAsync(source);
        await again.AppendAsync(Line);
    }

    [ConformanceFact]
    public async Task A_ledger_line_survives_the_loss_of_the_connection()
    {
        var database = await cluster.EmptyDatabaseAsync(this);
        await using var store = await PostgreSqlStore.OpenAsync(database + ";Application Name=victim");
        await store.AppendAsync(Line);
        await ExecuteAsync(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'");

        await store.AppendAsync(Line with { Id = Guid.NewGuid() });
        await store.AppendAsync(Line);

        (await store.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(10));
    }

    [ConformanceFact]
    public async Task A_server_that_is_not_there_is_an_error_at_opening()
    {
        await Should.ThrowAsync<NpgsqlException>(() => PostgreSqlStore.OpenAsync(cluster.ConnectionString + ";Port=1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("1st")]
    [InlineData("a-b")]
    [InlineData("a;DROP SCHEMA public")]
    [InlineData("ä")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123")]
    public async Task A_schema_name_that_could_mean_something_else_is_refused(string name) => await Should.ThrowAsync<ArgumentException>(
        () => PostgreSqlStore.OpenAsync("Host=127.0.0.1;Port=1", new PostgreSqlStoreOptions { Schema = name }));

    private static async Task ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
