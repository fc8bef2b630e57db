using TokenBudget.Conformance;
using TokenBudget.Conversations;

namespace TokenBudget.Sqlite.Tests;

public sealed class InMemoryConversationStoreTests : ConversationStoreConformance
{
    protected override Task<IConversationStore> CreateAsync() => Task.FromResult<IConversationStore>(new InMemoryConversationStore());

    protected override Task<IConversationStore?> ReopenAsync(IConversationStore store) => Task.FromResult<IConversationStore?>(null);
}
