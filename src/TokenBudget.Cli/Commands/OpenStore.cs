using TokenBudget.Conversations;
using TokenBudget.Costs;

namespace TokenBudget.Cli.Commands;

/// <summary>A store that is open for reading.</summary>
internal sealed class OpenStore(ILedger ledger, IConversationStore conversations, IAsyncDisposable owner) : IAsyncDisposable
{
    public ILedger Ledger => ledger;

    public IConversationStore Conversations => conversations;

    public ValueTask DisposeAsync() => owner.DisposeAsync();
}
