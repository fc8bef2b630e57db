using TokenBudget.Conformance;
using TokenBudget.Counting;

namespace TokenBudget.PostgreSql.Tests;

[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlCalibrationStoreTests(PostgreSqlCluster cluster) : CalibrationStoreConformance
{
    private string _database = "";

    protected override async Task<ICalibrationStore> CreateAsync()
    {
        _database = await cluster.EmptyDatabaseAsync(this);
        return await PostgreSqlStore.OpenAsync(_database);
    }

    protected override async Task<ICalibrationStore?> ReopenAsync(ICalibrationStore store)
    {
        await ((PostgreSqlStore)store).DisposeAsync();
        return await PostgreSqlStore.OpenAsync(_database);
    }
}
