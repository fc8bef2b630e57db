using System.Collections.Immutable;

namespace TokenBudget.Conversations;

/// <summary>
/// Conversations in the memory of this process, for tests and short-lived work: nothing survives it, and nothing is dropped but by deleting.
/// </summary>
/// <param name="time">When turns are appended whose messages do not say when they were made; unset, the system's clock.</param>
/// <remarks>Thread-safe. Messages are kept as JSON, as in every store, so a caller's object and a stored one are never the same.</remarks>
public sealed class InMemoryConversationStore(TimeProvider? time = null) : IConversationStore, IConversationSizes
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
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
        var activity = StoreArguments.ActivityOf(turn, _time);
        lock (_gate)
        {
            var entry = _conversations.GetValueOrDefault(conversationId, Entry.New);
            if (entry.Version != expectedVersion)
                throw new ConversationConflictException(conversationId, expectedVersion, entry.Version);
            entry = entry with { Messages = entry.Messages.AddRange(messages), Activity = Math.Max(entry.Activity, activity) };
            _conversations[conversationId] = entry;
            return new(entry.Version);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConversationSlice> ReadAsync(string conversationId, int maxTokens, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckRead(conversationId, maxTokens);
        cancellationToken.ThrowIfCancellationRequested();
        return new(Find(conversationId) is { } entry ? entry.Slice(maxTokens) : ConversationSlice.Empty);
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
            _conversations[conversationId] = entry with { Summaries = entry.Summaries.Add(summary) };
            return new(true);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<CountedMessage> ReadHistoryAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        cancellationToken.ThrowIfCancellationRequested();
        return (Find(conversationId)?.Messages ?? []).Select(static stored => stored.ToCounted()).ToAsyncEnumerable();
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ConversationSummary>> ReadSummariesAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        cancellationToken.ThrowIfCancellationRequested();
        return new(Find(conversationId)?.Summaries ?? []);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(string conversationId, CancellationToken cancellationToken = default)
    {
        StoreArguments.CheckId(conversationId);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(_conversations.Remove(conversationId));
    }

    /// <inheritdoc/>
    public ValueTask<int> DeleteInactiveAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var inactive = _conversations.Where(entry => entry.Value.Activity < before.UtcTicks).Select(static entry => entry.Key).ToList();
            inactive.ForEach(id => _conversations.Remove(id));
            return new(inactive.Count);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConversationSizes> ReadSizesAsync(int newest, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newest, 1);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return new(new ConversationSizes(
                _conversations.Count,
                [
                    .. _conversations.OrderByDescending(static pair => pair.Value.Activity).ThenBy(static pair => pair.Key, StringComparer.Ordinal).Take(newest).Select(static pair => new ConversationSize(
                        pair.Key,
                        pair.Value.Version,
                        pair.Value.Messages.Sum(static message => (long)message.Tokens),
                        pair.Value.Summary?.Tokens ?? 0,
                        pair.Value.FirstUncovered,
                        new DateTimeOffset(pair.Value.Activity, TimeSpan.Zero))),
                ]));
    }

    private Entry? Find(string conversationId)
    {
        lock (_gate)
            return _conversations.GetValueOrDefault(conversationId);
    }

    /// <param name="Turn">The sequence number of the first message of its turn.</param>
    /// <param name="Tokens">Its size.</param>
    /// <param name="Json">The message.</param>
    private sealed record StoredMessage(long Turn, int Tokens, string Json)
    {
        public CountedMessage ToCounted() => new(ChatMessageJson.Read(Json), Tokens);
    }

    private sealed record Entry(ImmutableList<StoredMessage> Messages, ImmutableList<ConversationSummary> Summaries, long Activity)
    {
        public static Entry New { get; } = new([], [], 0);

        public ConversationSummary? Summary => Summaries.Count == 0 ? null : Summaries[^1];

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
                Messages = [.. Messages.Skip(first).Select(static stored => stored.ToCounted())],
                FirstSequence = first,
                Version = Version,
                Summary = Summary,
            };
        }
    }
}
