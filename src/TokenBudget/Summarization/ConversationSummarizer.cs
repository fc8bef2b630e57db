using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Counting;
using TokenBudget.Telemetry;

namespace TokenBudget.Summarization;

/// <summary>Keeps a rolling summary of a conversation: of the messages that fall off, together with the summary before.</summary>
/// <remarks>
/// Thread-safe; one pass per conversation at a time. Whatever goes wrong (the model fails, refuses, is cut off, says nothing, or says
/// more than it was given) leaves the conversation as it was; the window holds the limit without a summary too.
/// </remarks>
public sealed class ConversationSummarizer
{
    private readonly IChatClient _client;
    private readonly SummarizerOptions _options;
    private readonly MessageCounter _counter;
    private readonly TimeProvider _time;
    private readonly TokenBudgetTelemetry? _telemetry;

    /// <summary>Creates a summarizer.</summary>
    /// <param name="client">The client that answers; give it the agent's budget, so that summaries are charged to it.</param>
    /// <param name="options">When and how.</param>
    /// <param name="counter">Counts messages.</param>
    /// <param name="time">The clock; unset, the system's.</param>
    /// <param name="telemetry">Counts failures; unset, nobody does.</param>
    public ConversationSummarizer(
        IChatClient client,
        SummarizerOptions options,
        MessageCounter counter,
        TimeProvider? time = null,
        TokenBudgetTelemetry? telemetry = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(counter);
        options.Validate();
        _client = client;
        _options = options;
        _counter = counter;
        _time = time ?? TimeProvider.System;
        _telemetry = telemetry;
    }

    /// <summary>Whether enough has gathered.</summary>
    /// <param name="conversation">The conversation.</param>
    public bool IsDue(Conversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var snapshot = conversation.Snapshot();
        return snapshot.Messages.Count > _options.AfterMessages && snapshot.Version >= conversation.SummaryNotBefore && CoveredCount(snapshot) > 0;
    }

    /// <summary>Makes a summary if one is due.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="cancellationToken">Cancels the pass; the conversation stays as it was.</param>
    /// <returns>Whether a new summary is in place.</returns>
    public async Task<bool> SummarizeAsync(Conversation conversation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        if (!conversation.TryBeginSummary())
            return false;
        var notBefore = conversation.Version + (_options.AfterMessages / 2);
        try
        {
            var snapshot = conversation.Snapshot();
            var covered = snapshot.Messages.Count > _options.AfterMessages ? CoveredCount(snapshot) : 0;
            if (covered == 0)
                return false;
            var summary = await MakeAsync(snapshot, covered, cancellationToken).ConfigureAwait(false);
            if (summary is null)
            {
                _telemetry?.Failure("summary");
                return false;
            }

            await conversation.SaveSummaryAsync(summary, cancellationToken).ConfigureAwait(false);
            notBefore = 0;
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _telemetry?.Failure("summary");
            return false;
        }
        finally
        {
            // A pass that came to nothing is not repeated with every turn.
            conversation.EndSummary(notBefore);
        }
    }

    private async Task<ConversationSummary?> MakeAsync(ConversationSlice snapshot, int covered, CancellationToken cancellationToken)
    {
        var messages = snapshot.Messages.Take(covered).ToList();
        var prompt = SummaryPrompt.For(snapshot.Summary, messages.ConvertAll(static counted => counted.Message), _options.MaxWords);
        var response = await _client.GetResponseAsync(prompt, new ChatOptions { ModelId = _options.Model }, cancellationToken).ConfigureAwait(false);
        var text = response.Text.Trim();
        var tokens = _counter.Count(text);
        var replaced = messages.Sum(static counted => (long)counted.Tokens) + (snapshot.Summary?.Tokens ?? 0);
        var isUsable = text.Length > 0 && tokens < replaced && (response.FinishReason is null || response.FinishReason == ChatFinishReason.Stop);
        return isUsable ? new ConversationSummary(text, snapshot.FirstSequence + covered - 1, tokens, _time.GetUtcNow()) : null;
    }

    /// <summary>How many of the oldest messages to cover: all but the newest half of the threshold, up to the beginning of a turn and as far as the model can be given.</summary>
    private int CoveredCount(ConversationSlice snapshot)
    {
        var covered = 0;
        var tokens = 0L;
        for (var index = 1; index <= snapshot.Messages.Count - (_options.AfterMessages / 2); index++)
        {
            tokens += SummaryPrompt.MostTokens(snapshot.Messages[index - 1]);
            if (tokens > _options.MaxCoveredTokens)
                break;
            if (BeginsTurn(snapshot.Messages[index].Message))
                covered = index;
        }

        return covered;
    }

    /// <summary>Some histories carry tool results in user messages; those belong to the calls before them.</summary>
    private static bool BeginsTurn(ChatMessage message) =>
        message.Role == ChatRole.User && !message.Contents.Any(static content => content is FunctionResultContent);
}
