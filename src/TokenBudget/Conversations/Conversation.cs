using Microsoft.Extensions.AI;

namespace TokenBudget.Conversations;

/// <summary>One conversation: its messages so far, the rolling summary of older ones, and the store it is kept in, if any.</summary>
/// <remarks>Thread-safe, but one turn at a time: a second call that appends meanwhile gets a <see cref="ConversationConflictException"/>.</remarks>
public sealed class Conversation
{
    private readonly Lock _gate = new();
    private readonly IConversationStore? _store;
    private readonly List<CountedMessage> _messages = [];
    private ConversationSummary? _summary;
    private ConversationSummary? _sentSummary;
    private long _firstSequence;
    private long _version;
    private TaskCompletionSource? _summarizing;

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
        Id = id;
        _store = store;
        _messages.AddRange(slice.Messages);
        // Nobody knows what the provider still has in its cache of a conversation that is opened: its summary is used at once.
        _summary = _sentSummary = slice.Summary;
        _firstSequence = slice.FirstSequence;
        _version = slice.Version;
    }

    /// <summary>The conversation's id.</summary>
    public string Id { get; }

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

    /// <summary>Completes when no summary is being made.</summary>
    internal Task WhenSummarized
    {
        get
        {
            lock (_gate)
                return _summarizing?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Whether the caller may summarize now: one at a time. Ended by <see cref="EndSummary"/>.</summary>
    internal bool TryBeginSummary()
    {
        lock (_gate)
        {
            if (_summarizing is not null)
                return false;
            _summarizing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <param name="notBefore">The version before which another pass is pointless.</param>
    internal void EndSummary(long notBefore)
    {
        lock (_gate)
        {
            SummaryNotBefore = notBefore;
            _summarizing?.SetResult();
            _summarizing = null;
        }
    }

    /// <summary>The version before which another summary is pointless, because one failed.</summary>
    internal long SummaryNotBefore { get; private set; }

    /// <summary>Keeps a summary, in the store first. It waits until <see cref="UseSummary"/>: prompts stay as they are.</summary>
    /// <returns>Whether it is the newest; not, when another process has made one that covers as much.</returns>
    internal async ValueTask<bool> SaveSummaryAsync(ConversationSummary summary, CancellationToken cancellationToken)
    {
        if (_store is not null && !await _store.SaveSummaryAsync(Id, summary, cancellationToken).ConfigureAwait(false))
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
            return Snapshot();
        }
    }
}
