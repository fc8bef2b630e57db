using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;

namespace TokenBudget.Summarization;

/// <summary>Keeps a rolling summary of a conversation: of the messages that fall off, together with the summary before.</summary>
/// <remarks>
/// Thread-safe; one pass per conversation at a time. Whatever goes wrong (see <see cref="SummaryFailureReason"/>) leaves the conversation as it was
/// and raises <see cref="Failed"/>; the window holds the limit without a summary too. A pass always covers messages that no summary covers yet: a summary
/// is never summarized alone.
/// </remarks>
public sealed class ConversationSummarizer
{
    // After a failure, without a mark in messages.
    private const int DefaultCoolDown = 10;

    private readonly IChatClient _client;
    private readonly SummarizerOptions _options;
    private readonly MessageCounter _counter;
    private readonly TimeProvider _time;

    /// <summary>Creates a summarizer.</summary>
    /// <param name="client">The client that answers; give it the agent's budget, so that summaries are charged to it and paused with it.</param>
    /// <param name="options">When and how.</param>
    /// <param name="counter">Counts messages.</param>
    /// <param name="time">The clock; unset, the system's.</param>
    /// <exception cref="ArgumentException">The options say nothing sensible.</exception>
    public ConversationSummarizer(IChatClient client, SummarizerOptions options, MessageCounter counter, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(counter);
        options.Validate();
        _client = client;
        _options = options;
        _counter = counter;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Raised when a summary comes to nothing. A handler must not throw.</summary>
    public event EventHandler<SummaryFailure>? Failed;

    /// <summary>Whether enough has gathered, and no summary waits to take effect.</summary>
    /// <param name="conversation">The conversation.</param>
    public bool IsDue(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return IsDue(conversation, conversation.Snapshot(), dropped: 0);
    }

    /// <summary>Makes a summary if one is due.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="cancellationToken">Cancels the pass; the conversation stays as it was.</param>
    /// <returns>Whether a new summary is in place.</returns>
    public async Task<bool> SummarizeAsync(Conversation conversation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        if (!await SummarizeAsync(conversation, dropped: 0, tenant: null, cancellationToken).ConfigureAwait(false))
            return false;
        conversation.UseSummary();
        return true;
    }

    /// <summary>Whether there is something to cover, now that a window will soon drop so many of the messages the prompt carries.</summary>
    internal bool IsDue(Conversation conversation, ConversationSnapshot snapshot, int dropped) =>
        CanCover(snapshot, dropped) && snapshot.Version >= conversation.SummaryGate.NotBefore;

    /// <summary>Whether there is something to cover, whatever failed before.</summary>
    internal bool CanCover(ConversationSnapshot snapshot, int dropped) => CoveredCount(snapshot, dropped) > 0;

    /// <summary>Tells that the summaries of a conversation could not be read.</summary>
    internal void ReportUnread(Conversation conversation, Exception error) => Failed?.Invoke(this, new SummaryFailure(
        conversation.Id, SummaryFailureReason.StoreFailed, _options.Model, conversation.Snapshot().Messages.Count, error, _time.GetUtcNow()));

    /// <summary>Counts the messages of a conversation.</summary>
    internal MessageCounter Counter => _counter;

    /// <summary>Keeps other processes from making the same summary meanwhile.</summary>
    internal SummaryLease Lease { get; init; } = new(null);

    /// <summary>Makes a summary if one is due, and leaves it waiting.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="dropped">How many of the messages the prompt carries the window will soon drop.</param>
    /// <param name="tenant">Whose line of the ledger it is.</param>
    /// <param name="cancellationToken">Cancels the pass.</param>
    internal async Task<bool> SummarizeAsync(Conversation conversation, int dropped, string? tenant, CancellationToken cancellationToken)
    {
        var gate = conversation.SummaryGate;
        if (!gate.TryBegin())
            return false;
        var notBefore = gate.NotBefore;
        try
        {
            var snapshot = conversation.Snapshot();
            if (!IsDue(conversation, snapshot, dropped))
                return false;
            var (isSaved, failure) = await Lease.RunAsync(
                conversation.Id, () => TryMakeAsync(conversation, snapshot, dropped, tenant, cancellationToken), otherwise: default, _time, cancellationToken).ConfigureAwait(false);
            // A pass that came to nothing is not repeated, and not paid for again, with every turn.
            notBefore = failure is null ? 0 : conversation.Version + (_options.AfterMessages > 0 ? _options.AfterMessages / 2 : DefaultCoolDown);
            if (failure is not null)
                Failed?.Invoke(this, failure);
            return isSaved;
        }
        finally
        {
            gate.End(notBefore);
        }
    }

    private async Task<(bool IsSaved, SummaryFailure? Failure)> TryMakeAsync(
        Conversation conversation, ConversationSnapshot snapshot, int dropped, string? tenant, CancellationToken cancellationToken)
    {
        var reason = SummaryFailureReason.StoreFailed;
        Exception? error = null;
        try
        {
            // Another process may have made it; and a store that cannot be read will not keep what would be paid for.
            if (await conversation.FindSummaryAsync(cancellationToken).ConfigureAwait(false))
                return (true, null);
            reason = SummaryFailureReason.ModelFailed;
            var messages = snapshot.Messages.Skip(snapshot.FirstUncovered).Take(CoveredCount(snapshot, dropped)).ToList();
            var reply = await AskAsync(snapshot.Newest, messages, tenant, cancellationToken).ConfigureAwait(false);
            if (reply.Failure is not null)
                return (false, FailureOf(reply.Failure.Value));
            var through = snapshot.FirstSequence + snapshot.FirstUncovered + messages.Count - 1;
            var summary = new ConversationSummary(reply.Text, through, _counter.Count(reply.Text), _time.GetUtcNow());
            if (!IsSmaller(summary, messages, snapshot.Newest))
                return (false, FailureOf(SummaryFailureReason.NotSmaller));
            reason = SummaryFailureReason.StoreFailed;
            return (await conversation.SaveSummaryAsync(summary, cancellationToken).ConfigureAwait(false), null);
        }
        catch (BudgetExceededException exception)
        {
            (reason, error) = (SummaryFailureReason.BudgetExceeded, exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            error = exception;
        }

        return (false, FailureOf(reason));

        SummaryFailure FailureOf(SummaryFailureReason why) => new(
            conversation.Id, why, _options.Model, snapshot.Messages.Count - snapshot.FirstUncovered, error, _time.GetUtcNow());
    }

    private async Task<SummaryReply> AskAsync(ConversationSummary? earlier, List<CountedMessage> messages, string? tenant, CancellationToken cancellationToken)
    {
        var prompt = SummaryPrompt.For(earlier, messages.ConvertAll(static counted => counted.Message), _options.MaxWords);
        var options = new ChatOptions { ModelId = _options.Model };
        var response = _client is BudgetedChatClient budgeted
            ? await budgeted.GetResponseAsync(prompt, options, tenant, cancellationToken).ConfigureAwait(false)
            : await _client.GetResponseAsync(prompt, options, cancellationToken).ConfigureAwait(false);
        return SummaryReply.Of(response);
    }

    /// <summary>Counted again, as it will be sent: what does not make the prompt smaller is not used.</summary>
    private bool IsSmaller(ConversationSummary summary, List<CountedMessage> messages, ConversationSummary? earlier)
    {
        var replaced = messages.Sum(static counted => (long)counted.Tokens) + (earlier is null ? 0 : _counter.Count(SummaryMessage.For(earlier)));
        return _counter.Count(SummaryMessage.For(summary)) < replaced;
    }

    /// <summary>
    /// How many of the uncovered messages to cover: what the window will drop, or what is over the marks, up to the beginning of a turn and as far as
    /// the model can be given.
    /// </summary>
    private int CoveredCount(ConversationSnapshot snapshot, int dropped)
    {
        var first = snapshot.FirstUncovered;
        // While a summary waits, more are made only of what the window is about to drop: one is used at a time.
        var border = Math.Max(dropped - first, snapshot.HasWaitingSummary ? 0 : OverMarks(snapshot, first));
        var covered = 0;
        var tokens = 0L;
        for (var index = 1; index <= border && first + index < snapshot.Messages.Count; index++)
        {
            tokens += SummaryPrompt.MostTokens(snapshot.Messages[first + index - 1]);
            if (tokens > _options.MaxCoveredTokens)
                break;
            if (BeginsTurn(snapshot.Messages[first + index].Message))
                covered = index;
        }

        return covered;
    }

    /// <summary>How many of the oldest uncovered messages are more than half of a mark that is passed.</summary>
    private int OverMarks(ConversationSnapshot snapshot, int first)
    {
        var messages = snapshot.Messages;
        var count = messages.Count - first;
        var over = _options.AfterMessages > 0 && count > _options.AfterMessages ? count - (_options.AfterMessages / 2) : 0;
        if (_options.AfterTokens == 0)
            return over;
        var kept = 0L;
        var index = messages.Count;
        while (index > first && kept < _options.AfterTokens / 2)
            kept += messages[--index].Tokens;
        var total = kept;
        for (var older = index; older > first && total <= _options.AfterTokens; older--)
            total += messages[older - 1].Tokens;
        return total > _options.AfterTokens ? Math.Max(over, index - first) : over;
    }

    /// <summary>Some histories carry tool results in user messages; those belong to the calls before them.</summary>
    internal static bool BeginsTurn(ChatMessage message) =>
        message.Role == ChatRole.User && !message.Contents.Any(static content => content is FunctionResultContent);
}
