using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Counting;
using TokenBudget.Windowing;

namespace TokenBudget.Summarization;

/// <summary>
/// A history that the caller keeps and sends whole with every call. For the length of the call it is a conversation, whose summaries are found again by
/// the messages they stand for. Messages that stay whatever happens (system, developer, pinned) are not part of that: they are always sent.
/// </summary>
/// <param name="summaries">What is known of such histories.</param>
/// <param name="agent">The agent.</param>
/// <param name="tenant">The tenant.</param>
/// <param name="history">The messages; only read.</param>
/// <param name="turn">What the call adds to them.</param>
internal sealed class CallersHistory(
    HistorySummaries summaries, string agent, string? tenant, IReadOnlyList<ChatMessage> history, IReadOnlyList<ChatMessage> turn) : ISummaryKeeper
{
    private readonly List<ChatMessage> _messages = [.. history.Where(static message => !Stays(message))];
    private PrefixChain? _chain;
    private KnownHistory? _known;

    public string Id => Known.Id;

    public SummaryGate Gate => Known.Gate;

    public DateTimeOffset? LastSent { get; private set; }

    // Nothing is hashed as long as nothing can be summarized.
    private PrefixChain Chain => _chain ??= new PrefixChain(agent, tenant, Whole);

    private KnownHistory Known => _known ??= Chain.KeyOf(FirstTurn) is { } root ? summaries.Of(root) : new KnownHistory(null, "history");

    private List<ChatMessage> Whole => [.. _messages, .. turn.Where(static message => !Stays(message))];

    /// <summary>How many messages there are before the second turn. No summary covers less, and few histories have them in common by chance.</summary>
    private int FirstTurn => Whole.FindIndex(Math.Min(1, Whole.Count), ConversationSummarizer.BeginsTurn);

    /// <summary>It as a conversation, without a summary.</summary>
    public Conversation Open(MessageCounter counter) => new(this, Snapshot(counter, sent: null, newest: null));

    /// <summary>It as a conversation, with the summaries that were made of its beginning.</summary>
    /// <param name="counter">Counts messages.</param>
    /// <param name="now">The time: a prompt is about to be sent.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async ValueTask<Conversation> LoadAsync(MessageCounter counter, DateTimeOffset now, CancellationToken cancellationToken)
    {
        LastSent = Known.Send(now);
        await Known.LoadAsync(cancellationToken).ConfigureAwait(false);
        var (sent, newest) = Known.Find(Chain);
        return new Conversation(this, Snapshot(counter, Usable(sent), Usable(newest)));
    }

    public async ValueTask<ConversationSummary?> FindAsync(CancellationToken cancellationToken)
    {
        await Known.ReadAsync(cancellationToken).ConfigureAwait(false);
        return Usable(Known.Find(Chain).Newest);
    }

    public async ValueTask<bool> SaveAsync(ConversationSummary summary, CancellationToken cancellationToken) =>
        Chain.KeyOf(summary.ThroughSequence + 1) is { } key && await Known.SaveAsync(key.ToString(), summary, cancellationToken).ConfigureAwait(false);

    public void Use(ConversationSummary summary) => Known.Use(summary);

    /// <summary>The messages of a prompt, in order: the history itself, but for what a summary stands for.</summary>
    /// <param name="lead">What comes first.</param>
    /// <param name="part">The part of it as conversation.</param>
    /// <param name="turn">What comes last.</param>
    public ConversationPrompt PromptOf(IEnumerable<ChatMessage> lead, ConversationSnapshot part, IEnumerable<ChatMessage> turn)
    {
        var messages = new List<ChatMessage>(history.Count + 8);
        messages.AddRange(lead);
        var index = 0;
        for (var covered = 0; covered < part.FirstSequence; index++)
        {
            if (Stays(history[index]))
                messages.Add(history[index]);
            else
                covered++;
        }

        if (part.Sent is { } summary)
            messages.Add(SummaryMessage.For(summary));
        var at = messages.Count;
        messages.AddRange(history.Skip(index));
        // What came after it: the turn of this call.
        messages.AddRange(part.Messages.Skip(_messages.Count - (int)part.FirstSequence).Select(static counted => counted.Message));
        var count = messages.Count - at;
        messages.AddRange(turn);
        return new ConversationPrompt(messages, at, count);
    }

    private ConversationSnapshot Snapshot(MessageCounter counter, ConversationSummary? sent, ConversationSummary? newest)
    {
        var first = (int)(sent?.ThroughSequence + 1 ?? 0);
        return new ConversationSnapshot(
            [.. _messages.Skip(first).Select(message => new CountedMessage(message, counter.Count(message)))], first, _messages.Count, sent, newest);
    }

    /// <summary>This history may go on otherwise than the one that was summarized: where no turn begins, its calls and results may belong together.</summary>
    private ConversationSummary? Usable(ConversationSummary? summary) =>
        summary is not null && Whole.ElementAtOrDefault((int)summary.ThroughSequence + 1) is { } next && ConversationSummarizer.BeginsTurn(next) ? summary : null;

    private static bool Stays(ChatMessage message) => MessageUnits.IsSystem(message) || PinnedMessage.IsPinned(message);
}
