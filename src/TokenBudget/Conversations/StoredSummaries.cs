namespace TokenBudget.Conversations;

/// <summary>The summaries of a conversation of a store, or of one that lives in memory only.</summary>
internal sealed class StoredSummaries(IConversationStore? store, string id) : ISummaryKeeper
{
    public string Id => id;

    public SummaryGate Gate { get; } = new();

    public DateTimeOffset? LastSent => null;

    // The newest turn comes with it; that is the least a store can be asked for.
    public async ValueTask<ConversationSummary?> FindAsync(CancellationToken cancellationToken) =>
        store is null ? null : (await store.ReadAsync(id, 1, cancellationToken).ConfigureAwait(false)).Summary;

    public ValueTask<bool> SaveAsync(ConversationSummary summary, CancellationToken cancellationToken) =>
        store is null ? new(true) : store.SaveSummaryAsync(id, summary, cancellationToken);

    public void Use(ConversationSummary summary)
    {
    }
}
