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

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
