using System.Collections.Immutable;

namespace TokenBudget.Conversations;

/// <summary>
/// Conversations in the memory of this process, for tests and short-lived work: nothing survives it, and nothing is dropped but by deleting.
/// </summary>
/// <remarks>Thread-safe. Messages are kept as JSON, as in every store, so a caller's object and a stored one are never the same.</remarks>
public sealed class InMemoryConversationStore : IConversationStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _conversations = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<long> AppendTurnAsync(
        string conversationId,
        long expectedVersion,
        IReadOnlyList<CountedMessage> turn,
        CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckTurn(conversationId, expectedVersion, turn);
        cancellationToken.ThrowIfCancellationRequested();
        var messages = turn.Select(message => new StoredMessage(expectedVersion, message.Tokens, ChatMessageJson.Write(message.Message))).ToArray();
        lock (_gate)
        {
            var entry = _conversations.GetValueOrDefault(conversationId, Entry.New);
            if (entry.Version != expectedVersion)
                throw new ConversationConflictException(conversationId, expectedVersion, entry.Version);
            entry = entry with { Messages = entry.Messages.AddRange(messages) };
            _conversations[conversationId] = entry;
            return new(entry.Version);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConversationSlice> ReadAsync(string conversationId, int maxTokens, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckRead(conversationId, maxTokens);
        cancellationToken.ThrowIfCancellationRequested();
        Entry? entry;
        lock (_gate)
            entry = _conversations.GetValueOrDefault(conversationId);
        return new(entry is null ? ConversationSlice.Empty : entry.Slice(maxTokens));
    }

    /// <inheritdoc/>
    public ValueTask<bool> SaveSummaryAsync(string conversationId, ConversationSummary summary, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckSummary(conversationId, summary);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var entry = _conversations.GetValueOrDefault(conversationId, Entry.New);
            if (summary.ThroughSequence >= entry.Version)
                throw StoreArguments.BeyondLastMessage(conversationId, summary.ThroughSequence, entry.Version);
            if (summary.ThroughSequence < entry.FirstUncovered)
                return new(false);
            _conversations[conversationId] = entry with { Summary = summary };
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_conversations.Remove(conversationId));
    }

    /// <param name="Turn">The sequence number of the first message of its turn.</param>
    /// <param name="Tokens">Its size.</param>
    /// <param name="Json">The message.</param>
    private sealed record StoredMessage(long Turn, int Tokens, string Json);

    private sealed record Entry(ImmutableList<StoredMessage> Messages, ConversationSummary? Summary)
    {
        public static Entry New { get; } = new([], null);

        public long Version => Messages.Count;

        public long FirstUncovered => Summary is null ? 0 : Summary.ThroughSequence + 1;

        public ConversationSlice Slice(int maxTokens)
        {
            long room = maxTokens - (Summary?.Tokens ?? 0);
            var first = Messages.Count;
            while (first > FirstUncovered)
            {
                var start = Math.Max(FirstUncovered, Messages[first - 1].Turn);
                long tokens = 0;
                for (var i = start; i < first; i++)
                    tokens += Messages[(int)i].Tokens;
                room -= tokens;
                if (room < 0 && first < Messages.Count)
                    break;
                first = (int)start;
            }

            return new ConversationSlice
            {
                Messages = [.. Messages.Skip(first).Select(static stored => new CountedMessage(ChatMessageJson.Read(stored.Json), stored.Tokens))],
                FirstSequence = first,
                Version = Version,
                Summary = Summary,
            };
        }
    }
}
