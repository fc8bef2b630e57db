using TokenBudget.Conformance;
using TokenBudget.Conversations;

namespace TokenBudget.PostgreSql.Tests;

[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlConversationStoreTests(PostgreSqlCluster cluster) : ConversationStoreConformance
{
    private string _database = "";

    protected override async Task<IConversationStore> CreateAsync()
    {
        _database = await cluster.CreateDatabaseAsync();
        return await PostgreSqlStore.OpenAsync(_database);
    }

    protected override async Task<IConversationStore?> ReopenAsync(IConversationStore store)
    {
        await ((PostgreSqlStore)store).DisposeAsync();
        return await PostgreSqlStore.OpenAsync(_database);
    }
}
