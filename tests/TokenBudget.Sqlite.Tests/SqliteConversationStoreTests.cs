using TokenBudget.Conformance;
using TokenBudget.Conversations;

namespace TokenBudget.Sqlite.Tests;

public sealed class SqliteConversationStoreTests : ConversationStoreConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override async Task<IConversationStore> CreateAsync() => await SqliteStore.OpenAsync(_folder.PathOf("store.db"));

    protected override async Task<IConversationStore?> ReopenAsync(IConversationStore store)
    {
        await ((SqliteStore)store).DisposeAsync();
        return await CreateAsync();
    }

    protected override async Task<bool> BreakSummariesAsync(IConversationStore store, bool isBroken)
    {
        await ((SqliteStore)store).Database.WriteAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                // FAIL leaves what the statement has done so far: taking it back is the store's duty.
                command.CommandText = isBroken
                    ? "CREATE TRIGGER broken AFTER INSERT ON summaries BEGIN SELECT RAISE(FAIL, 'broken'); END"
                    : "DROP TRIGGER broken";
                return command.ExecuteNonQuery();
            },
            default);
        return true;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
