using System.ComponentModel;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.Calls;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Summarization;

namespace TokenBudget.CompilerServices;

/// <summary>
/// The pipeline of one agent method, bound to one client: look in the cache, run rounds of model and tools, keep the answer, append
/// the turn, summarize. Made once, used by many callers at once. Called by generated code.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class AgentMethod
{
    private readonly AgentMethodParts _parts;
    private readonly ToolLoop _loop;

    internal AgentMethod(AgentMethodParts parts)
    {
        _parts = parts;
        _loop = new ToolLoop(parts.Client, runsTools: !parts.IsWrapped, parts.Policy.Settings.MaxRounds ?? int.MaxValue, $"{parts.Policy.Agent}.{parts.Policy.Method}", parts.Services.Time);
    }

    private EffectivePolicy Policy => _parts.Policy;

    private MessageCounter Counter => _parts.Services.Counters.For(Policy.Settings.Model ?? string.Empty).Messages;

    /// <summary>When a message is made: a window tells by it when the provider's prompt cache has gone cold.</summary>
    internal DateTimeOffset Now => _parts.Services.Time.GetUtcNow();

    /// <summary>For whom a call is that does not say it.</summary>
    internal string? Tenant => _parts.Services.Tenants?.Tenant;

    /// <summary>Whether the budget is switched off, so that a wrapper can call what it wraps at once.</summary>
    public bool IsOff => !_parts.Services.Enabled;

    /// <summary>Starts to collect one call.</summary>
    public AgentCall Begin() => new(this);

    /// <summary>The same method in front of another client: one call of the user's own implementation.</summary>
    internal AgentMethod On(IChatClient implementation) => new(_parts with { Client = _parts.Client.On(implementation), IsWrapped = true });

    internal void CheckSize(string parameter, string text, int maxTokens)
    {
        if (maxTokens <= 0 || !_parts.Services.Enabled)
            return;
        var counter = _parts.Services.Counters.For(Policy.Settings.Model ?? string.Empty, Policy.Agent);
        var tokens = counter.Calibration.ToProvider(counter.Messages.Count(text));
        if (tokens > maxTokens)
            throw new ContextOverflowException($"Parameter '{parameter}' of {Policy.Agent}.{Policy.Method}", tokens, maxTokens, "Shorten it, or raise its [MaxTokens].");
    }

    internal Task<AgentReply<T>> InvokeReplyAsync<T>(AgentRequest request, ReplyFormat<T> format, CancellationToken cancellationToken) =>
        InvokeAsync(request, new ReportedReply<T>(format, request, request.Report = new CallReport()), cancellationToken);

    internal async Task<T> InvokeAsync<T>(AgentRequest request, ReplyFormat<T> format, CancellationToken cancellationToken)
    {
        var options = OptionsOf(request, _parts.IsWrapped ? null : format.ResponseFormat);
        var messages = await MessagesOfAsync(request, options, cancellationToken).ConfigureAwait(false);
        return await FinishAsync(request, format, messages, options, token => _loop.RunAsync(messages, options, request, token), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a call from its prompt to its end.</summary>
    /// <param name="request">The call.</param>
    /// <param name="format">How to read the reply.</param>
    /// <param name="messages">The prompt.</param>
    /// <param name="options">The options.</param>
    /// <param name="run">Runs the rounds, or of a call that was paused those that are left.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    private async Task<T> FinishAsync<T>(
        AgentRequest request,
        ReplyFormat<T> format,
        List<ChatMessage> messages,
        ChatOptions options,
        Func<CancellationToken, Task<ChatResponse>> run,
        CancellationToken cancellationToken)
    {
        ChatResponse response;
        try
        {
            response = await AnswerAsync(request, format, messages, options, run, cancellationToken).ConfigureAwait(false);
        }
        catch (BudgetPausedException paused) when (paused.Rest is { } rest)
        {
            // A new one: equal calls that wait for the same answer get the same exception, and each continues its own conversation.
            throw new BudgetPausedException(paused, async token => await FinishAsync(request, format, messages, options, rest, token).ConfigureAwait(false));
        }

        // Read first: a turn that ends in an exception is not appended, so that the caller can ask again.
        var reply = format.Read(response);
        await AppendTurnAsync(request, response.Messages, options, cancellationToken).ConfigureAwait(false);
        return reply;
    }

    /// <summary>The answer from the cache or from the model.</summary>
    private async Task<ChatResponse> AnswerAsync<T>(
        AgentRequest request,
        ReplyFormat<T> format,
        List<ChatMessage> messages,
        ChatOptions options,
        Func<CancellationToken, Task<ChatResponse>> run,
        CancellationToken cancellationToken)
    {
        if (_parts.Cache is not { } cache || !cache.TryGetKey(request, messages, options, out var key))
            return await run(cancellationToken).ConfigureAwait(false);
        var entry = cache.EntryOf(request);
        var search = await cache.FindSimilarAsync(request, messages, options, key, entry, cancellationToken).ConfigureAwait(false);
        var result = search.Found ?? await cache.Answers.GetOrCreateAsync(
            key, entry, create => MakeAsync(cache, run, format, create), cancellationToken).ConfigureAwait(false);
        cache.Learn(search, result.Outcome);
        await cache.NoteAsync(request, result.Response, result.Outcome, options, search.Similarity).ConfigureAwait(false);
        if (request.Report is { } report)
            report.Cache = result.Outcome;
        return result.Response;
    }

    /// <summary>Makes an answer for the cache. One that cannot be read must not be kept: every repeated call would fail until it expires.</summary>
    private static async Task<ChatResponse> MakeAsync<T>(MethodCache cache, Func<CancellationToken, Task<ChatResponse>> run, ReplyFormat<T> format, CancellationToken cancellationToken)
    {
        var response = await run(cancellationToken).ConfigureAwait(false);
        format.Read(response);
        return cache.Judge(response);
    }

    internal async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(AgentRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = OptionsOf(request, responseFormat: null);
        var messages = await MessagesOfAsync(request, options, cancellationToken).ConfigureAwait(false);
        var outcome = CacheOutcome.Miss;
        CacheKey key = default;
        var cache = _parts.Cache is { } possible && possible.TryGetKey(request, messages, options, out key) ? possible : null;
        var entry = cache?.EntryOf(request);
        var search = cache is null ? default : await cache.FindSimilarAsync(request, messages, options, key, entry!, cancellationToken).ConfigureAwait(false);
        if (search.Found is { } found)
            outcome = found.Outcome;
        var updates = search.Found is { } known
            ? UpdatesOf(known.Response)
            : cache is null
            ? _loop.StreamAsync(messages, options, request, cancellationToken)
            : cache.Answers.GetOrCreateStreamAsync(
                key, entry!, create => cache.Judge(_loop.StreamAsync(messages, options, request, create)), source => outcome = source, cancellationToken);

        var all = new List<ChatResponseUpdate>();
        await foreach (var update in updates.ConfigureAwait(false))
        {
            all.Add(update);
            // A clone, because the usage that the caller must not see is what the hit avoided.
            yield return outcome == CacheOutcome.Miss ? update : MethodCache.Replayed(update.Clone(), outcome, isFirst: all.Count == 1, search.Similarity);
        }

        var response = all.ToChatResponse();
        cache?.Learn(search, outcome);
        if (cache is not null)
            await cache.NoteAsync(request, response, outcome, options, search.Similarity).ConfigureAwait(false);
        await AppendTurnAsync(request, response.Messages, options, cancellationToken).ConfigureAwait(false);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> UpdatesOf(ChatResponse response)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var update in response.ToChatResponseUpdates())
            yield return update;
    }

    private async ValueTask<List<ChatMessage>> MessagesOfAsync(AgentRequest request, ChatOptions options, CancellationToken cancellationToken)
    {
        if (request.ConversationId is { } id)
        {
            request.Conversation = await Conversation.OpenAsync(_parts.Conversations, id, cancellationToken: cancellationToken).ConfigureAwait(false);
            request.Start = request.Conversation.Snapshot();
        }

        if (_parts.Summaries is { } summaries)
        {
            if (request.Conversation is null && request.History.Count > 0)
            {
                request.CallersHistory = summaries.HistoryOf(request.History, request.Turn, request.Tenant);
                request.Conversation = await summaries.OpenAsync(request.CallersHistory, part => PromptOf(request, part), options, cancellationToken).ConfigureAwait(false);
                request.Start = request.Conversation.Snapshot();
            }

            if (request is { Conversation: { } conversation, Start: { } start })
                request.Start = await summaries.BeginAsync(conversation, start, part => PromptOf(request, part), options, request.Tenant, cancellationToken).ConfigureAwait(false);
        }

        return PromptOf(request, request.Start).Messages;
    }

    private ConversationPrompt PromptOf(AgentRequest request, ConversationSnapshot? part, bool withTurn = true) =>
        request.PromptOf(_parts.SystemMessage, part, withTurn);

    private ChatOptions OptionsOf(AgentRequest request, ChatResponseFormat? responseFormat)
    {
        var options = request.Options?.Clone() ?? new ChatOptions();
        request.Similarity = CallSimilarity.TakeFrom(options);
        options.ModelId ??= Policy.Settings.Model;
        options.ResponseFormat ??= responseFormat;
        if (_parts.Tools.Count + request.Tools.Count > 0)
            options.Tools = [.. options.Tools ?? [], .. _parts.Tools, .. request.Tools];
        return options;
    }

    private async ValueTask AppendTurnAsync(AgentRequest request, IEnumerable<ChatMessage> answer, ChatOptions options, CancellationToken cancellationToken)
    {
        if (request is not { Conversation: { } conversation, Start: { } start })
            return;
        var counter = Counter;
        // Copies: the answer goes to the caller, and what he does to it must not change the conversation.
        List<CountedMessage> turn = [.. request.Turn.Concat(answer).Select(MessageCopy.Of).Select(copy => new CountedMessage(copy, counter.Count(copy)))];
        await conversation.AppendTurnAsync(start.Version, turn, cancellationToken).ConfigureAwait(false);
        _parts.Summaries?.AfterTurn(conversation, part => PromptOf(request, part, withTurn: false), options, request.Tenant);
    }
}
