using Npgsql;
using TokenBudget.Conformance;
using TokenBudget.Sharing;

namespace TokenBudget.PostgreSql.Tests;

[PostgreSqlRequired]
[Collection(PostgreSqlLimitsCollection.Name)]
public sealed class PostgreSqlSharedLimitTests(PostgreSqlCluster cluster) : SharedLimitConformance
{
    private string _database = "";

    protected override async Task<ISharedLimitStore> CreateAsync()
    {
        _database = await cluster.EmptyDatabaseAsync(this);
        return await PostgreSqlStore.OpenAsync(_database);
    }

    /// <summary>While a release is rolled out: what a process of the one before is lent, this one's leave it, and the other way round.</summary>
    [ConformanceFact]
    public async Task A_process_of_the_release_before_shares_the_same_limit()
    {
        const string Before = """
            SELECT o_amount FROM tokenbudget.exchange_shares_v1('00000000-0000-0000-0000-00000000000b', {0}, 3600000, 60000, false, ARRAY['l'], ARRAY[100]::bigint[], ARRAY[0]::bigint[], ARRAY[{1}]::bigint[], ARRAY[0]::bigint[], ARRAY[0]::bigint[])
            """;
        var terms = new ShareTerms(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), WorksAlone: false);
        (await NumberAsync(Before.Replace("{0}", "1").Replace("{1}", "30"))).ShouldBe(30);
        (await Store.ExchangeAsync(Guid.NewGuid(), 1, [new ShareBid("l", 100, 0, 60, 0, 0)], terms))[0].Amount.ShouldBe(60);
        (await Store.ExchangeAsync(Guid.NewGuid(), 1, [new ShareBid("l", 100, 0, 20, 0, 0)], terms))[0].Amount.ShouldBe(10);
        (await NumberAsync(Before.Replace("{0}", "2").Replace("{1}", "20"))).ShouldBe(20);
        (await Store.ExchangeAsync(Guid.NewGuid(), 1, [new ShareBid("l", 100, 0, 20, 0, 0)], terms))[0].Amount.ShouldBe(10);
    }

    protected override Task EmptyAsync() => ExecuteAsync("TRUNCATE tokenbudget.shared_limits CASCADE");

    protected override async Task<Func<Task>?> CopyAsync()
    {
        await ExecuteAsync("CREATE TABLE c1 AS SELECT * FROM tokenbudget.shared_limits; CREATE TABLE c2 AS SELECT * FROM tokenbudget.limit_shares");
        return () => ExecuteAsync("TRUNCATE tokenbudget.shared_limits CASCADE; INSERT INTO tokenbudget.shared_limits SELECT * FROM c1; INSERT INTO tokenbudget.limit_shares SELECT * FROM c2");
    }

    private Task ExecuteAsync(string sql) => NumberAsync(sql);

    private async Task<long> NumberAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return (long?)await command.ExecuteScalarAsync() ?? 0;
    }

    [ConformanceFact]
    public Task Eight_processes_of_fifty_callers_admit_exactly_the_limit() =>
        SharingProcess.EightOfFiftyCallersAdmitExactlyTheLimitAsync(typeof(Program).Assembly.Location, "share", _database.Replace("Maximum Pool Size=10", "Maximum Pool Size=3"));
}
