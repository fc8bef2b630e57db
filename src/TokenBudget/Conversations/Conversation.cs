using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget;

/// <summary>One conversation: its messages so far, the rolling summary of older ones, and the store it is kept in, if any.</summary>
/// <remarks>Thread-safe, but one turn at a time: a second call that appends meanwhile gets a <see cref="ConversationConflictException"/>.</remarks>
public sealed class Conversation
{
    private readonly Lock _gate = new();
    private readonly IConversationStore? _store;
    private readonly ISummaryKeeper _summaries;
    private readonly List<CountedMessage> _messages = [];
    private ConversationSummary? _summary;
    private ConversationSummary? _sentSummary;
    private long _firstSequence;
    private long _version;

    /// <summary>A new conversation that lives in memory only.</summary>
    public Conversation()
        : this(Guid.NewGuid().ToString("N"))
    {
    }

    /// <summary>A new conversation with a given id that lives in memory only.</summary>
    /// <param name="id">Not empty, at most 256 characters.</param>
    public Conversation(string id)
        : this(id, store: null, ConversationSlice.Empty)
    {
    }

    private Conversation(string id, IConversationStore? store, ConversationSlice slice)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id.Length, 256, nameof(id));
        _store = store;
        _summaries = new StoredSummaries(store, id);
        _messages.AddRange(slice.Messages);
        // Nobody knows what the provider still has in its cache of a conversation that is opened: its summary is used at once.
        _summary = _sentSummary = slice.Summary;
        _firstSequence = slice.FirstSequence;
        _version = slice.Version;
    }

    /// <summary>A conversation whose messages somebody else keeps, for the length of one call.</summary>
    internal Conversation(ISummaryKeeper summaries, ConversationSnapshot start)
    {
        _summaries = summaries;
        _messages.AddRange(start.Messages);
        (_firstSequence, _version, _sentSummary, _summary) = (start.FirstSequence, start.Version, start.Sent, start.Newest);
    }

    /// <summary>The conversation's id.</summary>
    public string Id => _summaries.Id;

    /// <summary>The summary of the messages before <see cref="Messages"/>, if one was made.</summary>
    public ConversationSummary? Summary
    {
        get
        {
            lock (_gate)
                return _summary;
        }
    }

    /// <summary>How many messages were ever appended.</summary>
    public long Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    /// <summary>The messages that are not covered by <see cref="Summary"/>, oldest first: copies, so that what is done to them does not change the conversation.</summary>
    public IReadOnlyList<ChatMessage> Messages
    {
        get
        {
            var snapshot = Snapshot();
            return [.. snapshot.Messages.Skip(snapshot.FirstUncovered).Select(static counted => MessageCopy.Of(counted.Message))];
        }
    }

    /// <summary>Opens a stored conversation, or a new one that will be stored.</summary>
    /// <param name="store">The store.</param>
    /// <param name="id">The conversation's id.</param>
    /// <param name="maxTokens">How much of it to load, in tokens: the newest whole turns. At least 1.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public static async Task<Conversation> OpenAsync(
        IConversationStore store,
        string id,
        int maxTokens = 200_000,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1);
        var slice = await store.ReadAsync(id, maxTokens, cancellationToken).ConfigureAwait(false);
        return new Conversation(id, store, slice);
    }

    /// <summary>What a turn starts from: the state at one instant.</summary>
    internal ConversationSnapshot Snapshot()
    {
        lock (_gate)
            return new ConversationSnapshot([.. _messages], _firstSequence, _version, _sentSummary, _summary);
    }

    /// <summary>Appends a whole turn, in the store first.</summary>
    /// <param name="expectedVersion">The version the turn started from.</param>
    /// <param name="turn">Its messages; the conversation keeps the objects, so nobody else may.</param>
    /// <param name="cancellationToken">Cancels the append.</param>
    internal async ValueTask AppendTurnAsync(long expectedVersion, IReadOnlyList<CountedMessage> turn, CancellationToken cancellationToken)
    {
        if (_store is not null)
            await _store.AppendTurnAsync(Id, expectedVersion, turn, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (_version != expectedVersion)
                throw new ConversationConflictException(Id, expectedVersion, _version);
            _messages.AddRange(turn);
            _version += turn.Count;
        }
    }

    /// <summary>Who may summarize.</summary>
    internal SummaryGate SummaryGate => _summaries.Gate;

    /// <summary>When a prompt of it was last sent, as far as is known.</summary>
    internal DateTimeOffset? LastSent
    {
        get
        {
            if (_summaries.LastSent is { } sent)
                return sent;
            lock (_gate)
                return _messages.Count == 0 ? null : _messages[^1].Message.CreatedAt;
        }
    }

    /// <summary>Takes over a newer summary that somebody else has kept, another process for example. It waits until <see cref="UseSummary"/>.</summary>
    /// <returns>Whether there is one.</returns>
    internal async ValueTask<bool> FindSummaryAsync(CancellationToken cancellationToken)
    {
        var found = await _summaries.FindAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            // One that reaches beyond what is known here covers turns of others, and this conversation will be told so when it appends.
            if (found is null || found.ThroughSequence <= (_summary?.ThroughSequence ?? -1) || found.ThroughSequence >= _version)
                return false;
            _summary = found;
            return true;
        }
    }

    /// <summary>Keeps a summary, in the store first. It waits until <see cref="UseSummary"/>: prompts stay as they are.</summary>
    /// <returns>Whether it is the newest; not, when another process has made one that covers as much.</returns>
    internal async ValueTask<bool> SaveSummaryAsync(ConversationSummary summary, CancellationToken cancellationToken)
    {
        if (!await _summaries.SaveAsync(summary, cancellationToken).ConfigureAwait(false))
            return false;
        lock (_gate)
        {
            if (_summary is not null && summary.ThroughSequence <= _summary.ThroughSequence)
                return false;
            _summary = summary;
            return true;
        }
    }

    /// <summary>Puts the newest summary in the place of the messages it covers.</summary>
    /// <returns>The conversation from then on.</returns>
    internal ConversationSnapshot UseSummary()
    {
        lock (_gate)
        {
            var covered = new ConversationSnapshot(_messages, _firstSequence, _version, _sentSummary, _summary).FirstUncovered;
            _messages.RemoveRange(0, covered);
            _firstSequence += covered;
            _sentSummary = _summary;
            if (_summary is not null)
                _summaries.Use(_summary);
            return Snapshot();
        }
    }
}
