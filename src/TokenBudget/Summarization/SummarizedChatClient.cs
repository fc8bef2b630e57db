using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Conversations;

namespace TokenBudget.Summarization;

/// <summary>Summaries for a chat client that gets the whole history with every request: in front of its budget.</summary>
/// <param name="inner">The budgeted client.</param>
/// <param name="schedule">When summaries are made and used.</param>
internal sealed class SummarizedChatClient(BudgetedChatClient inner, SummarySchedule schedule) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var call = await BeginAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var response = await base.GetResponseAsync(call.Prompt, options, cancellationToken).ConfigureAwait(false);
        await EndAsync(call, response, options, cancellationToken).ConfigureAwait(false);
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = await BeginAsync(messages, options, cancellationToken).ConfigureAwait(false);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in base.GetStreamingResponseAsync(call.Prompt, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
            yield return update;
        }

        await EndAsync(call, updates.ToChatResponse(), options, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Call> BeginAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var history = schedule.HistoryOf(messages as IReadOnlyList<ChatMessage> ?? [.. messages], turn: [], tenant: null);
        var conversation = await schedule.OpenAsync(history, PromptOf, options, cancellationToken).ConfigureAwait(false);
        var start = await schedule.BeginAsync(conversation, conversation.Snapshot(), PromptOf, options, tenant: null, cancellationToken).ConfigureAwait(false);
        return new Call(history, conversation, start.Version, PromptOf(start).Messages);

        ConversationPrompt PromptOf(ConversationSnapshot part) => history.PromptOf([], part, []);
    }

    private async ValueTask EndAsync(Call call, ChatResponse response, ChatOptions? options, CancellationToken cancellationToken)
    {
        // The answer is not kept beyond this call, but a summary is due by what the next request will bring with it.
        var answer = response.Messages.Select(message => schedule.Counted(MessageCopy.Of(message))).ToList();
        if (answer.Count > 0)
            await call.Conversation.AppendTurnAsync(call.Version, answer, cancellationToken).ConfigureAwait(false);
        schedule.AfterTurn(call.Conversation, part => call.History.PromptOf([], part, []), options, tenant: null);
    }

    private sealed record Call(CallersHistory History, Conversation Conversation, long Version, List<ChatMessage> Prompt);
}
