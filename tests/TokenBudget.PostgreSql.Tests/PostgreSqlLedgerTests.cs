using TokenBudget.Conformance;
using TokenBudget.Costs;

namespace TokenBudget.PostgreSql.Tests;

[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlLedgerTests(PostgreSqlCluster cluster) : LedgerConformance
{
    private string _database = "";

    protected override async Task<ILedger> CreateAsync()
    {
        _database = await cluster.EmptyDatabaseAsync(this);
        return await PostgreSqlStore.OpenAsync(_database);
    }

    protected override async Task<ILedger?> ReopenAsync(ILedger ledger)
    {
        await ((PostgreSqlStore)ledger).DisposeAsync();
        return await PostgreSqlStore.OpenAsync(_database);
    }
}
