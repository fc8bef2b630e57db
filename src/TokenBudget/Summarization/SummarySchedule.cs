using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Conversations;
using TokenBudget.Telemetry;

namespace TokenBudget.Summarization;

/// <summary>Step 12 of a call: when a summary is made, and when it takes effect.</summary>
/// <remarks>
/// <para>A summary changes the front of the prompt, and everything behind it is written to the provider's cache anew. So it is made after a reply, waits,
/// and takes effect where the prompt is written anew in any case: when the window is about to cut, or when the cache has gone cold.</para>
/// <para>Whether the window is about to cut is asked of the window itself: would it, if this turn grew by as much as the one before it?</para>
/// </remarks>
internal sealed class SummarySchedule(
    ConversationSummarizer summarizer, BudgetedChatClient client, HistorySummaries histories, string agent, BackgroundWork background, TimeProvider time, CallSpans spans)
{
    /// <summary>A history that the caller keeps.</summary>
    /// <param name="history">The messages.</param>
    /// <param name="turn">What the call adds to them.</param>
    /// <param name="tenant">The call's tenant.</param>
    public CallersHistory HistoryOf(IReadOnlyList<ChatMessage> history, IReadOnlyList<ChatMessage> turn, string? tenant) => new(histories, agent, tenant, history, turn);

    /// <summary>A message with its size.</summary>
    public CountedMessage Counted(ChatMessage message) => new(message, summarizer.Counter.Count(message));

    /// <summary>A history the caller keeps, as a conversation, with the summaries that were made of its beginning.</summary>
    /// <param name="history">The history.</param>
    /// <param name="prompt">The messages of a prompt that carries the given part of it.</param>
    /// <param name="options">The call's options.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<Conversation> OpenAsync(
        CallersHistory history, Func<ConversationSnapshot, ConversationPrompt> prompt, ChatOptions? options, CancellationToken cancellationToken)
    {
        var conversation = history.Open(summarizer.Counter);
        var snapshot = conversation.Snapshot();
        // A history only grows: where nothing is to be summarized now, nothing ever was, and nobody is asked.
        if (!summarizer.CanCover(snapshot, await CountDroppedAsync(prompt(snapshot), options, cancellationToken).ConfigureAwait(false)))
            return conversation;
        try
        {
            return await history.LoadAsync(summarizer.Counter, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The window holds the limit without a summary too.
            summarizer.ReportUnread(conversation, error);
            return conversation;
        }
    }

    /// <summary>What the prompt of a call begins with: lets a summary that waits take effect if its time has come.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="start">It as the call found it.</param>
    /// <param name="prompt">The messages of a prompt that carries the given part of the conversation.</param>
    /// <param name="options">The call's options.</param>
    /// <param name="tenant">The call's tenant.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async ValueTask<ConversationSnapshot> BeginAsync(
        Conversation conversation,
        ConversationSnapshot start,
        Func<ConversationSnapshot, ConversationPrompt> prompt,
        ChatOptions? options,
        string? tenant,
        CancellationToken cancellationToken)
    {
        var now = prompt(start);
        var forecast = await client.ForecastAsync(now.Messages, options, cancellationToken).ConfigureAwait(false);
        if (forecast is { Overflows: true, Cuts: false })
        {
            start = UseSummary(conversation, start);
            forecast = await client.ForecastAsync(prompt(start).Messages, options, cancellationToken).ConfigureAwait(false);
            if (!forecast.Overflows)
                return start;
            // The one case in which a caller waits: without a summary there would be no answer at all.
            await SummarizeNowAsync(conversation, tenant, cancellationToken).ConfigureAwait(false);
            return UseSummary(conversation, start);
        }

        var isTime = start.HasWaitingSummary
            && (forecast.PromptCache is not { } cache
                || IsCold(conversation, cache.Lifetime)
                || await CountDroppedAsync(now, options, cancellationToken).ConfigureAwait(false) > 0);
        return isTime ? UseSummary(conversation, start) : start;
    }

    /// <summary>Makes a summary, off the caller's path, if one is due.</summary>
    public void AfterTurn(Conversation conversation, Func<ConversationSnapshot, ConversationPrompt> prompt, ChatOptions? options, string? tenant) =>
        background.Start(async () =>
        {
            var snapshot = conversation.Snapshot();
            var dropped = await CountDroppedAsync(prompt(snapshot), options, CancellationToken.None).ConfigureAwait(false);
            if (!summarizer.IsDue(conversation, snapshot, dropped))
                return;
            using var span = spans.Start("summarize");
            await summarizer.SummarizeAsync(conversation, dropped, tenant, CancellationToken.None).ConfigureAwait(false);
        });

    private async Task SummarizeNowAsync(Conversation conversation, string? tenant, CancellationToken cancellationToken)
    {
        // Perhaps what is needed is being made.
        await conversation.SummaryGate.WhenDone.WaitAsync(cancellationToken).ConfigureAwait(false);
        var snapshot = conversation.Snapshot();
        if (snapshot.HasWaitingSummary)
            return;
        using var span = spans.Start("summarize");
        await summarizer.SummarizeAsync(conversation, snapshot.Messages.Count, tenant, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many messages of the conversation the window drops, if there comes as much again as the newest turn brought.</summary>
    private async ValueTask<int> CountDroppedAsync(ConversationPrompt prompt, ChatOptions? options, CancellationToken cancellationToken)
    {
        var end = prompt.ConversationAt + prompt.ConversationCount;
        var newest = end == 0 ? -1 : prompt.Messages.FindLastIndex(end - 1, prompt.ConversationCount, static message => message.Role == ChatRole.User);
        List<ChatMessage> longer = newest < 0 ? prompt.Messages : [.. prompt.Messages, .. prompt.Messages[newest..end]];
        var forecast = await client.ForecastAsync(longer, options, cancellationToken).ConfigureAwait(false);
        return forecast.Overflows ? prompt.ConversationCount : Math.Clamp(forecast.TailStart - prompt.ConversationAt, 0, prompt.ConversationCount);
    }

    private bool IsCold(Conversation conversation, TimeSpan lifetime) => time.GetUtcNow() - conversation.LastSent > lifetime;

    /// <summary>Who appended meanwhile is found out when the turn is appended.</summary>
    private static ConversationSnapshot UseSummary(Conversation conversation, ConversationSnapshot start)
    {
        var used = conversation.UseSummary();
        return used.Version == start.Version ? used : start;
    }
}
