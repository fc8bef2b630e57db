using TokenBudget.Conformance;
using TokenBudget.Sharing;

namespace TokenBudget.PostgreSql.Tests;

[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlSharedLimitTests(PostgreSqlCluster cluster) : SharedLimitConformance
{
    private string _database = "";

    protected override async Task<ISharedLimitStore> CreateAsync()
    {
        _database = await cluster.CreateDatabaseAsync();
        return await PostgreSqlStore.OpenAsync(_database);
    }

    [ConformanceFact]
    public Task Eight_processes_of_fifty_callers_admit_exactly_the_limit() =>
        SharingProcess.EightOfFiftyCallersAdmitExactlyTheLimitAsync(typeof(Program).Assembly.Location, "share", _database.Replace("Maximum Pool Size=10", "Maximum Pool Size=3"));
}
