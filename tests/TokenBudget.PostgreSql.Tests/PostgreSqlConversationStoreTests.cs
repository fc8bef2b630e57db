using Npgsql;
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
        _database = await cluster.EmptyDatabaseAsync(this);
        return await PostgreSqlStore.OpenAsync(_database);
    }

    protected override async Task<IConversationStore?> ReopenAsync(IConversationStore store)
    {
        await ((PostgreSqlStore)store).DisposeAsync();
        return await PostgreSqlStore.OpenAsync(_database);
    }

    protected override async Task<bool> BreakSummariesAsync(IConversationStore store, bool isBroken)
    {
        await using var source = NpgsqlDataSource.Create(_database + ";Pooling=false");
        await using var command = source.CreateCommand(isBroken
            ? """
              CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
              CREATE TRIGGER broken AFTER INSERT ON tokenbudget.summaries FOR EACH ROW EXECUTE FUNCTION broken();
              """
            : "DROP TRIGGER broken ON tokenbudget.summaries; DROP FUNCTION broken();");
        await command.ExecuteNonQueryAsync();
        return true;
    }
}
