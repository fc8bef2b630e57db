using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Costs;
using TokenBudget.Telemetry;

namespace TokenBudget.CompilerServices;

/// <summary>Step 3 and 10: asks the model, runs the tools it asks for, asks again, at most so many times.</summary>
internal sealed class ToolLoop(BudgetedChatClient client, bool runsTools, EffectivePolicy policy, CoarseDate date)
{
    /// <summary>Runs to the answer. The response holds every message of the turn and the usage of all rounds.</summary>
    public ValueTask<ChatResponse> RunAsync(List<ChatMessage> messages, ChatOptions options, AgentRequest request, CancellationToken cancellationToken) =>
        Approves(options) ? ResumeAsync(messages, options, request, cancellationToken) : RunAsync(messages, [], null, 1, options, request, cancellationToken);

    /// <summary>Goes on from what a person has decided.</summary>
    private async ValueTask<ChatResponse> ResumeAsync(List<ChatMessage> messages, ChatOptions options, AgentRequest request, CancellationToken cancellationToken)
    {
        var results = await RunDecidedAsync(messages, options, cancellationToken).ConfigureAwait(false);
        return await RunAsync(ToolApprovals.Seen(messages, results), results is null ? [] : [results], null, 1, options, request, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="context">The messages to send; never changed.</param>
    /// <param name="turn">What earlier rounds have brought; never changed.</param>
    /// <param name="usage">What they used.</param>
    /// <param name="round">Which one is next, from 1.</param>
    /// <param name="options">The options.</param>
    /// <param name="request">The call.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    private async ValueTask<ChatResponse> RunAsync(
        List<ChatMessage> context, ChatMessage[] turn, UsageDetails? usage, int round, ChatOptions options, AgentRequest request, CancellationToken cancellationToken)
    {
        for (; ; round++)
        {
            ChatResponse response;
            try
            {
                response = await client.GetResponseAsync(context, options, request.Tenant, cancellationToken, request.Ceiling, request.Report).ConfigureAwait(false);
            }
            catch (BudgetPausedException paused)
            {
                Pause(paused, context, turn, usage, round, options, request);
                throw;
            }

            Stamp(response.Messages);
            if (Approves(options))
                response.Messages = ToolApprovals.Ask(response.Messages, options);
            if (CallsOf(response.Messages, options) is not { Count: > 0 } calls)
            {
                // Of one round the answer is the turn.
                if (turn.Length > 0)
                    response.Messages = [.. turn, .. response.Messages];
                if (usage is not null)
                    response.Usage = Sum(usage, response.Usage);
                return response;
            }

            RefuseAfter(round);
            var results = await RunToolsAsync(calls, options, cancellationToken).ConfigureAwait(false);
            usage = Sum(usage, response.Usage);
            turn = [.. turn, .. response.Messages, results];
            context = [.. context, .. response.Messages, results];
        }
    }

    /// <summary>Notes what is left of the loop. Whoever resumes twice starts from the same point twice.</summary>
    private void Pause(
        BudgetPausedException paused, List<ChatMessage> context, ChatMessage[] turn, UsageDetails? usage, int round, ChatOptions options, AgentRequest request) =>
        paused.Rest = token => RunAsync(context, turn, Sum(null, usage), round, options, request, token).AsTask();

    /// <summary>Streams to the answer, tool results included.</summary>
    public IAsyncEnumerable<ChatResponseUpdate> StreamAsync(List<ChatMessage> messages, ChatOptions options, AgentRequest request, CancellationToken cancellationToken) =>
        runsTools && options.Tools is { Count: > 0 }
            ? new FlowingStream((lane, token) => StreamAsync(lane, messages, options, request, token), cancellationToken)
            : client.GetStreamingResponseAsync(messages, options, request.Tenant, cancellationToken, request.Ceiling);

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        StreamLane lane, List<ChatMessage> messages, ChatOptions options, AgentRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<ChatMessage> context = [.. messages];
        var approves = Approves(options);
        if (approves)
        {
            var decided = await RunDecidedAsync(messages, options, cancellationToken).ConfigureAwait(false);
            context = ToolApprovals.Seen(messages, decided);
            if (decided is not null)
                yield return UpdateOf(decided);
        }

        for (var round = 1; ; round++)
        {
            var updates = new List<ChatResponseUpdate>();
            var stream = client.GetStreamingResponseAsync(context, options, request.Tenant, cancellationToken, request.Ceiling).GetAsyncEnumerator(cancellationToken);
            await using (stream.ConfigureAwait(false))
            {
                while (await stream.MoveNextAsync().ConfigureAwait(false))
                {
                    updates.Add(approves ? ToolApprovals.Ask(stream.Current, options) : stream.Current);
                    if (!approves)
                        lane.Flow(stream, updates.Add);
                    yield return updates[^1];
                    if (!approves)
                        break;
                }
            }

            if (!HasCalls(updates))
                yield break;
            var response = updates.ToChatResponse();
            Stamp(response.Messages);
            if (CallsOf(response.Messages, options) is not { Count: > 0 } calls)
                yield break;

            RefuseAfter(round);
            context.AddRange(response.Messages);
            var results = await RunToolsAsync(calls, options, cancellationToken).ConfigureAwait(false);
            context.Add(results);
            yield return UpdateOf(results);
        }
    }

    /// <summary>A message id of its own keeps the results apart from the next answer when updates are joined.</summary>
    private static ChatResponseUpdate UpdateOf(ChatMessage results) =>
        new(ChatRole.Tool, results.Contents) { MessageId = Guid.NewGuid().ToString("N"), CreatedAt = results.CreatedAt };

    /// <summary>Most answers call nothing; their updates need not be joined.</summary>
    private static bool HasCalls(List<ChatResponseUpdate> updates)
    {
        foreach (var update in updates)
            for (var i = 0; i < update.Contents.Count; i++)
                if (update.Contents[i] is FunctionCallContent)
                    return true;
        return false;
    }

    /// <summary>By our clock, as everything else: not every provider says when an answer was made, and an SDK that does may have another clock. The response itself keeps theirs.</summary>
    private void Stamp(IList<ChatMessage> messages)
    {
        var now = date.Now;
        for (var index = 0; index < messages.Count; index++)
            messages[index].CreatedAt = now;
    }

    private void RefuseAfter(int round)
    {
        if (policy.Settings.MaxRounds is { } most && round >= most)
            throw new RoundLimitExceededException($"{policy.Agent}.{policy.Method}", most);
    }

    /// <summary>
    /// The calls to run: all that the answer leaves open, if every one names a tool that can be run here. Otherwise the answer is the
    /// caller's to handle. A client with a tool loop of its own, or a provider that runs tools, answers calls itself.
    /// </summary>
    private List<FunctionCallContent>? CallsOf(IEnumerable<ChatMessage> messages, ChatOptions options) =>
        runsTools && options.Tools is { Count: > 0 } ? OpenCallsOf(messages, options) : null;

    private List<FunctionCallContent>? OpenCallsOf(IEnumerable<ChatMessage> messages, ChatOptions options)
    {
        if (Approves(options) && ToolApprovals.IsAsked(messages))
            return null;
        var contents = messages.SelectMany(static message => message.Contents).ToList();
        var answered = contents.OfType<FunctionResultContent>().Select(static result => result.CallId).ToHashSet(StringComparer.Ordinal);
        var calls = contents.OfType<FunctionCallContent>().Where(call => !call.InformationalOnly && !answered.Contains(call.CallId)).ToList();
        return calls.TrueForAll(call => FindTool(call, options) is not null) ? calls : null;
    }

    private static AIFunction? FindTool(FunctionCallContent call, ChatOptions options, bool isApproved = false)
    {
        foreach (var tool in options.Tools ?? [])
            if (tool is AIFunction function && (isApproved || tool is not ApprovalRequiredAIFunction) && function.Name == call.Name)
                return function;
        return null;
    }

    private bool Approves(ChatOptions options) => runsTools && ToolApprovals.MayBeNeeded(options);

    /// <summary>Runs what waited for a decision; a question nobody answered is refused, because the model cannot go on without a result.</summary>
    private async Task<ChatMessage?> RunDecidedAsync(List<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken)
    {
        var undone = ToolApprovals.Undone(messages);
        if (undone.Count == 0)
            return null;
        var results = await Task.WhenAll(undone.Select(waiting => !waiting.WasAsked || waiting.Decision is { Approved: true }
            ? FindTool(waiting.Call, options, isApproved: true) is { } function
                ? RunToolAsync(waiting.Call, function, cancellationToken)
                : Refuse(waiting.Call, "Error: there is no such tool any more.")
            : Refuse(waiting.Call, $"Error: the user has not approved this call. {waiting.Decision?.Reason}".TrimEnd()))).ConfigureAwait(false);
        return new ChatMessage(ChatRole.Tool, [.. results]) { CreatedAt = date.Now };

        static Task<AIContent> Refuse(FunctionCallContent call, string reason) => Task.FromResult<AIContent>(new FunctionResultContent(call.CallId, reason));
    }

    private async Task<ChatMessage> RunToolsAsync(List<FunctionCallContent> calls, ChatOptions options, CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(calls.Select(call => RunToolAsync(call, FindTool(call, options)!, cancellationToken))).ConfigureAwait(false);
        return new ChatMessage(ChatRole.Tool, [.. results]) { CreatedAt = date.Now };
    }

    private Task<AIContent> RunToolAsync(FunctionCallContent call, AIFunction function, CancellationToken cancellationToken) =>
        client.Spans.AreWanted ? InSpanAsync(call, function, cancellationToken) : CallToolAsync(call, function, cancellationToken);

    private async Task<AIContent> InSpanAsync(FunctionCallContent call, AIFunction function, CancellationToken cancellationToken)
    {
        using var span = client.Spans.Start($"execute_tool {function.Name}")?.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", function.Name);
        var result = await CallToolAsync(call, function, cancellationToken).ConfigureAwait(false);
        if (result is FunctionResultContent { Exception: { } exception })
            CallSpans.Fail(span, exception, cancellationToken);
        return result;
    }

    private static async Task<AIContent> CallToolAsync(FunctionCallContent call, AIFunction function, CancellationToken cancellationToken)
    {
        try
        {
            var result = await function.InvokeAsync(new AIFunctionArguments(call.Arguments), cancellationToken).ConfigureAwait(false);
            return new FunctionResultContent(call.CallId, result);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The model can often mend its call; the text of an exception may hold secrets, so it gets the kind only.
            return new FunctionResultContent(call.CallId, $"Error: the tool failed with {exception.GetType().Name}.") { Exception = exception };
        }
    }

    private static UsageDetails? Sum(UsageDetails? total, UsageDetails? usage)
    {
        if (usage is null)
            return total;
        total ??= new UsageDetails();
        total.Add(usage);
        return total;
    }
}
