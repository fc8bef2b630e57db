using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using TokenBudget.Calls;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Summarization;
using TokenBudget.Telemetry;

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

    // Every request copies its options, so that calls that bring none can have the same.
    private ChatOptions? _plainOptions;

    internal AgentMethod(AgentMethodParts parts)
    {
        _parts = parts;
        _loop = new ToolLoop(parts.Client, runsTools: !parts.IsWrapped, parts.Policy, parts.Services.Date);
    }

    private EffectivePolicy Policy => _parts.Policy;

    private MessageCounter Counter => _parts.Services.Counters.For(Policy.Settings.Model ?? string.Empty).Messages;

    /// <summary>When a message is made: a window tells by it when the provider's prompt cache has gone cold.</summary>
    internal DateTimeOffset Now => _parts.Services.Date.Now;

    /// <summary>For whom a call is that does not say it.</summary>
    internal string? Tenant => _parts.Services.Tenants?.Tenant;

    /// <summary>What the call that begins now may cost; none where that is not limited.</summary>
    internal CallCeiling? OpenCall() => Policy.Budgets.OpenCall();

    private bool IsTraced => _parts.Services is { Enabled: true, Telemetry.Spans.AreWanted: true };

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

    internal Task<T> InvokeAsync<T>(AgentRequest request, ReplyFormat<T> format, CancellationToken cancellationToken) =>
        IsTraced ? CallInSpanAsync(request, format, cancellationToken) : CallAsync(request, format, cancellationToken);

    // Aside, because what a lambda captures is allocated where its method begins.
    private Task<T> CallInSpanAsync<T>(AgentRequest request, ReplyFormat<T> format, CancellationToken cancellationToken) =>
        InSpanAsync(token => CallAsync(request, format, token), cancellationToken);

    private Task<T> CallAsync<T>(AgentRequest request, ReplyFormat<T> format, CancellationToken cancellationToken)
    {
        var options = OptionsOf(request, _parts.IsWrapped ? null : format.ResponseFormat);
        return HasToOpen(request)
            ? OpenAndRunAsync(request, format, options, cancellationToken)
            : RunAsync(request, format, PromptOf(request, request.Start).Messages, options, rest: null, cancellationToken);
    }

    private async Task<T> OpenAndRunAsync<T>(AgentRequest request, ReplyFormat<T> format, ChatOptions options, CancellationToken cancellationToken)
    {
        var messages = await MessagesOfAsync(request, options, cancellationToken).ConfigureAwait(false);
        return await RunAsync(request, format, messages, options, rest: null, cancellationToken).ConfigureAwait(false);
    }

    private Activity? StartSpan() => _parts.Services.Telemetry.Spans.StartCall(Policy.Agent, Policy.Method, Policy.Settings.Model);

    private async Task<T> InSpanAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var span = StartSpan();
        try
        {
            return await call(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            CallSpans.Fail(span, exception, cancellationToken);
            throw;
        }
    }

    /// <summary>Takes a call from its prompt to its end.</summary>
    /// <param name="request">The call.</param>
    /// <param name="format">How to read the reply.</param>
    /// <param name="messages">The prompt.</param>
    /// <param name="options">The options.</param>
    /// <param name="rest">Runs the rounds that are left of a call that was paused; null for all of them.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    private async Task<T> RunAsync<T>(
        AgentRequest request,
        ReplyFormat<T> format,
        List<ChatMessage> messages,
        ChatOptions options,
        Func<CancellationToken, Task<ChatResponse>>? rest,
        CancellationToken cancellationToken)
    {
        ChatResponse response;
        try
        {
            response = await AnswerAsync(request, format, messages, options, rest, cancellationToken).ConfigureAwait(false);
        }
        catch (BudgetPausedException paused) when (paused.Rest is not null)
        {
            throw Resumable(paused, request, format, messages, options);
        }

        // Read first: a turn that ends in an exception is not appended, so that the caller can ask again.
        var reply = format.Read(response);
        if (request.Conversation is not null)
            await AppendTurnAsync(request, response.Messages, options, cancellationToken).ConfigureAwait(false);
        return reply;
    }

    /// <summary>A new one: equal calls that wait for the same answer get the same exception, and each continues its own conversation.</summary>
    private BudgetPausedException Resumable<T>(
        BudgetPausedException paused, AgentRequest request, ReplyFormat<T> format, List<ChatMessage> messages, ChatOptions options)
    {
        var rest = paused.Rest;
        return new BudgetPausedException(paused, async token =>
            await (IsTraced ? InSpanAsync(Run, token) : Run(token)).ConfigureAwait(false));

        Task<T> Run(CancellationToken token) => RunAsync(request, format, messages, options, rest, token);
    }

    /// <summary>The answer from the cache or from the model.</summary>
    private ValueTask<ChatResponse> AnswerAsync<T>(
        AgentRequest request,
        ReplyFormat<T> format,
        List<ChatMessage> messages,
        ChatOptions options,
        Func<CancellationToken, Task<ChatResponse>>? rest,
        CancellationToken cancellationToken)
    {
        if (_parts.Cache is { } cache && cache.TryGetKey(request, messages, options, out var key))
            return CachedAsync(cache, key, request, format, messages, options, rest ?? Rounds(messages, options, request), cancellationToken);
        return rest is null ? _loop.RunAsync(messages, options, request, cancellationToken) : new(rest(cancellationToken));
    }

    private Func<CancellationToken, Task<ChatResponse>> Rounds(List<ChatMessage> messages, ChatOptions options, AgentRequest request) =>
        token => _loop.RunAsync(messages, options, request, token).AsTask();

    private static async ValueTask<ChatResponse> CachedAsync<T>(
        MethodCache cache,
        CacheKey key,
        AgentRequest request,
        ReplyFormat<T> format,
        List<ChatMessage> messages,
        ChatOptions options,
        Func<CancellationToken, Task<ChatResponse>> run,
        CancellationToken cancellationToken)
    {
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

    internal IAsyncEnumerable<ChatResponseUpdate> StreamAsync(AgentRequest request, CancellationToken cancellationToken) =>
        IsTraced ? new SpannedStream(Stream(request, cancellationToken), StartSpan) : Stream(request, cancellationToken);

    private IAsyncEnumerable<ChatResponseUpdate> Stream(AgentRequest request, CancellationToken cancellationToken)
    {
        // With nothing to look up before and nothing to keep after it, the stream is the provider's.
        if (_parts is not { Cache: null, Summaries: null } || request is not { Conversation: null, ConversationId: null })
            return new FlowingStream((lane, token) => StreamAsync(lane, request, token), cancellationToken);
        return _loop.StreamAsync(PromptOf(request, part: null).Messages, OptionsOf(request, responseFormat: null), request, cancellationToken);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(StreamLane lane, AgentRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = OptionsOf(request, responseFormat: null);
        var messages = await MessagesOfAsync(request, options, cancellationToken).ConfigureAwait(false);
        var all = new List<ChatResponseUpdate>();
        if (_parts.Cache is { } cache && cache.TryGetKey(request, messages, options, out var key))
        {
            var entry = cache.EntryOf(request);
            var search = await cache.FindSimilarAsync(request, messages, options, key, entry, cancellationToken).ConfigureAwait(false);
            var outcome = search.Found?.Outcome ?? CacheOutcome.Miss;
            var updates = search.Found is { } found
                ? UpdatesOf(found.Response)
                : cache.Answers.GetOrCreateStreamAsync(
                    key, entry, create => cache.Judge(_loop.StreamAsync(messages, options, request, create)), source => outcome = source, cancellationToken);
            await foreach (var update in updates.ConfigureAwait(false))
            {
                all.Add(update);
                // A clone, because the usage that the caller must not see is what the hit avoided.
                yield return outcome == CacheOutcome.Miss ? update : MethodCache.Replayed(update.Clone(), outcome, isFirst: all.Count == 1, search.Similarity);
            }

            cache.Learn(search, outcome);
            await cache.NoteAsync(request, all.ToChatResponse(), outcome, options, search.Similarity).ConfigureAwait(false);
        }
        else
        {
            var updates = _loop.StreamAsync(messages, options, request, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (updates.ConfigureAwait(false))
            {
                if (await updates.MoveNextAsync().ConfigureAwait(false))
                {
                    all.Add(updates.Current);
                    lane.Flow(updates, request.Conversation is null ? null : all.Add);
                    yield return updates.Current;
                }
            }
        }

        if (request.Conversation is not null)
            await AppendTurnAsync(request, MessagesOf(all), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A conversation's times are those of our clock: by them the provider's prompt cache is taken to have gone cold. Results of tools have them already.</summary>
    private IList<ChatMessage> MessagesOf(List<ChatResponseUpdate> updates)
    {
        var messages = updates.ToChatResponse().Messages;
        foreach (var message in messages)
            if (message.Role == ChatRole.Assistant)
                message.CreatedAt = Now;
        return messages;
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> UpdatesOf(ChatResponse response)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var update in response.ToChatResponseUpdates())
            yield return update;
    }

    /// <summary>Whether the messages are not at hand: a conversation has to be read, or summaries may stand for some of them.</summary>
    private bool HasToOpen(AgentRequest request) => request.ConversationId is not null || _parts.Summaries is not null;

    private async ValueTask<List<ChatMessage>> MessagesOfAsync(AgentRequest request, ChatOptions options, CancellationToken cancellationToken)
    {
        if (request.ConversationId is { } id)
        {
            request.Conversation = await Conversation.OpenAsync(_parts.Conversations, id, cancellationToken: cancellationToken).ConfigureAwait(false);
            request.Start = request.Conversation.Snapshot();
        }

        if (_parts.Summaries is { } summaries)
        {
            if (request is { Conversation: null, History: { Count: > 0 } history })
            {
                request.CallersHistory = summaries.HistoryOf(history, request.Turn, request.Tenant);
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
        if (request.Options is not null || request.Tools is not null || IsOff)
            return OwnOptionsOf(request, responseFormat);
        var plain = _plainOptions;
        return plain is not null && plain.ResponseFormat == responseFormat ? plain : _plainOptions = OwnOptionsOf(request, responseFormat);
    }

    private ChatOptions OwnOptionsOf(AgentRequest request, ChatResponseFormat? responseFormat)
    {
        var options = request.Options?.Clone() ?? new ChatOptions();
        request.Similarity = CallSimilarity.TakeFrom(options);
        options.ModelId ??= Policy.Settings.Model;
        options.ResponseFormat ??= responseFormat;
        if (_parts.Tools.Count > 0 || request.Tools is { Count: > 0 })
            options.Tools = [.. options.Tools ?? [], .. _parts.Tools, .. request.Tools ?? []];
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
