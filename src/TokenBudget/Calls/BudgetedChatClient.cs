using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using TokenBudget.Costs;
using TokenBudget.Telemetry;

namespace TokenBudget.Calls;

/// <summary>
/// Steps 4 to 9 of a call, for every model request that passes: cut the context, reserve dollars, wait for the rate limit, send, again
/// if that can help, settle both with what the provider reports. Works in any pipeline, also inside somebody else's tool loop.
/// </summary>
/// <remarks>Thread-safe. Streaming and non-streaming requests go through the same accounting; a broken stream is charged for what was produced.</remarks>
public sealed class BudgetedChatClient : DelegatingChatClient
{
    private readonly EffectivePolicy _policy;
    private readonly CallServices _services;
    private readonly RequestPreparer _preparer;
    private readonly RequestSettler _settler;
    private readonly ClientState _client;

    internal BudgetedChatClient(IChatClient innerClient, EffectivePolicy policy, CallServices services)
        : base(innerClient)
    {
        _policy = policy;
        _services = services;
        var defaultModel = innerClient.GetService<ChatClientMetadata>()?.DefaultModelId;
        _preparer = new RequestPreparer(policy, services, defaultModel);
        _settler = new RequestSettler(policy, services);
        _client = new ClientState(innerClient, canRepeat: true);
    }

    private BudgetedChatClient(IChatClient innerClient, BudgetedChatClient sibling)
        : base(innerClient)
    {
        _policy = sibling._policy;
        _services = sibling._services;
        _preparer = sibling._preparer;
        _settler = sibling._settler;
        _client = new ClientState(innerClient, canRepeat: false);
    }

    /// <summary>The same budget in front of the user's own implementation, which is called once.</summary>
    internal BudgetedChatClient On(IChatClient innerClient) => new(innerClient, this);

    internal CallSpans Spans => _services.Telemetry.Spans;

    /// <summary>What the window would make of a prompt, were it sent now.</summary>
    internal ValueTask<PromptForecast> ForecastAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        _preparer.ForecastAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetResponseAsync(messages, options, _services.Tenants?.Tenant, cancellationToken).AsTask();

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, _services.Tenants?.Tenant, cancellationToken);

    internal ValueTask<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, CancellationToken cancellationToken, CallCeiling? ceiling = null, CallReport? report = null)
    {
        if (!_services.Enabled)
            return new(base.GetResponseAsync(messages, options, cancellationToken));
        var asked = Ask(messages, options, tenant, ceiling, report);
        return Spans.AreWanted ? SendInSpanAsync(asked, cancellationToken) : SendAsync(asked, cancellationToken);
    }

    private async ValueTask<ChatResponse> SendAsync(ChatRequest asked, CancellationToken cancellationToken)
    {
        try
        {
            var attempts = new RequestAttempts(_policy, _services, _client);
            while (true)
            {
                var request = await PrepareAsync(asked, attempts.TimeLeft, cancellationToken).ConfigureAwait(false);
                ChatResponse? response = null;
                TimeSpan? again = null;
                try
                {
                    attempts.Begin(request.Fitted.ModelId)?.Open();
                    request.Enclosing?.Enter();
                    response = await base.GetResponseAsync(request.Fitted.Sent.Messages, request.Fitted.Options, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception exception)
                {
                    again = attempts.Fail(exception, hasReachedCaller: false, cancellationToken);
                    await _settler.FailAsync(request, exception, attempts.Error, produced: null).ConfigureAwait(false);
                    if (again is null)
                    {
                        if (attempts.Final(exception) is var final && final != exception)
                            throw final;
                        throw;
                    }
                }

                if (response is not null)
                {
                    attempts.Succeed();
                    await _settler.CompleteAsync(request, response).ConfigureAwait(false);
                    return response;
                }

                await Spans.WaitAsync("retry", Task.Delay(again.GetValueOrDefault(), _services.Time, cancellationToken)).ConfigureAwait(false);
            }
        }
        catch (BudgetPausedException paused)
        {
            Pause(paused, asked);
            throw;
        }
    }

    /// <summary>Notes how to go on once somebody has approved. With a copy: the caller's list may change until then.</summary>
    private void Pause(BudgetPausedException paused, ChatRequest asked)
    {
        List<ChatMessage> messages = [.. asked.Messages];
        paused.ResumeWith(token => GetResponseAsync(messages, asked.Options, asked.Tenant, token, asked.Ceiling, asked.Report).AsTask());
    }

    private async ValueTask<ChatResponse> SendInSpanAsync(ChatRequest asked, CancellationToken cancellationToken)
    {
        using var span = StartSpan(asked.Options);
        try
        {
            var response = await SendAsync(asked, cancellationToken).ConfigureAwait(false);
            CallSpans.Answer(span, response.ModelId, response.FinishReason?.Value);
            return response;
        }
        catch (Exception exception)
        {
            CallSpans.Fail(span, exception, cancellationToken);
            throw;
        }
    }

    internal IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, CancellationToken cancellationToken, CallCeiling? ceiling = null)
    {
        if (!_services.Enabled)
            return base.GetStreamingResponseAsync(messages, options, cancellationToken);
        var stream = Stream(messages, options, tenant, ceiling, cancellationToken);
        return Spans.AreWanted ? InSpan(stream, options) : stream;
    }

    // Aside, because what a lambda captures is allocated where its method begins.
    private SpannedStream InSpan(FlowingStream stream, ChatOptions? options) => new(stream, () => StartSpan(options));

    private FlowingStream Stream(IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, CallCeiling? ceiling, CancellationToken cancellationToken) =>
        new((lane, token) => StreamAsync(lane, messages, options, tenant, ceiling, token), cancellationToken);

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        StreamLane lane, IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, CallCeiling? ceiling, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = Ask(messages, options, tenant, ceiling);
        var attempts = new RequestAttempts(_policy, _services, _client);
        while (true)
        {
            var request = await PrepareAsync(asked, attempts.TimeLeft, cancellationToken).ConfigureAwait(false);
            var attempt = new StreamAttempt(
                request,
                attempts.Begin(request.Fitted.ModelId),
                new StreamSilence(_services.Providers.Options.StreamSilence, _services.Time, cancellationToken),
                token => base.GetStreamingResponseAsync(request.Fitted.Sent.Messages, request.Fitted.Options, token));
            // Until something of the answer has arrived, another attempt can take this one's place, so what comes before it is held back.
            List<ChatResponseUpdate> held = [];
            TimeSpan? again = null;
            try
            {
                while (!attempt.Stream.HasBegun && await attempt.MoveNextAsync().ConfigureAwait(false))
                    held.Add(attempt.Current);
                if (attempt.Stream.HasBegun)
                    _settler.Begin(request, attempt.Stream);
                else if (!attempt.IsFinished)
                    held.Clear();
                for (var i = 0; i < held.Count; i++)
                {
                    if (attempt.Stream.HasBegun && i == held.Count - 1)
                        lane.Flow(attempt);
                    yield return held[i];
                }
            }
            finally
            {
                // Also reached when the caller stops reading: then the enumerator is disposed at the yield.
                again = await EndAsync(request, attempts, attempt, cancellationToken).ConfigureAwait(false);
            }

            if (attempt.Ending is { } ending)
                yield return ending;
            if (attempt.Failure is not { } failure)
                yield break;
            if (again is not { } delay)
            {
                ExceptionDispatchInfo.Throw(attempts.Final(failure));
                yield break;
            }

            await Spans.WaitAsync("retry", Task.Delay(delay, _services.Time, cancellationToken)).ConfigureAwait(false);
        }
    }

    private Activity? StartSpan(ChatOptions? options) => Spans.StartRequest(
        _policy.Agent, _policy.Method, _preparer.FindModelId(options), InnerClient.GetService<ChatClientMetadata>()?.ProviderName, _client.IsTraced);

    // Once for all attempts: after the first one it is the attempt itself that runs around the code.
    private ChatRequest Ask(IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, CallCeiling? ceiling, CallReport? report = null) =>
        new(messages as IReadOnlyList<ChatMessage> ?? [.. messages], options, tenant, EnclosingCall.Around(_services.Costs), ceiling ?? _policy.Budgets.OpenCall(), report);

    private ValueTask<PreparedRequest> PrepareAsync(ChatRequest asked, TimeSpan? maxWait, CancellationToken cancellationToken) =>
        _client.MayEnclose ? PrepareEnclosingAsync(asked, maxWait, cancellationToken) : _preparer.PrepareAsync(asked, maxWait, cancellationToken);

    private async ValueTask<PreparedRequest> PrepareEnclosingAsync(ChatRequest asked, TimeSpan? maxWait, CancellationToken cancellationToken)
    {
        var request = await _preparer.PrepareAsync(asked, maxWait, cancellationToken).ConfigureAwait(false);
        return request with { Enclosing = new EnclosingCall(_services.Costs, _policy, request) };
    }

    /// <summary>Settles an attempt, however it ended.</summary>
    /// <returns>How long to wait before the next one; none, when there is none.</returns>
    private async ValueTask<TimeSpan?> EndAsync(PreparedRequest request, RequestAttempts attempts, StreamAttempt attempt, CancellationToken cancellationToken)
    {
        TimeSpan? again = null;
        try
        {
            await attempt.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (attempt.IsFinished)
            {
                attempts.Succeed();
                await _settler.CompleteAsync(request, attempt.Stream).ConfigureAwait(false);
            }
            else if (attempt.Ending is not null)
            {
                attempts.Succeed();
                _services.Telemetry.Failure("stream past max_tokens");
                var overlong = new IncompleteReplyException($"The streamed answer went on past its max_tokens ({request.Fitted.MaxOutputTokens}) and was cut.");
                await _settler.FailAsync(request, overlong, error: null, attempt.Stream).ConfigureAwait(false);
            }
            else if (attempt.Failure is { } failure)
            {
                again = attempts.Fail(failure, attempt.Stream.HasBegun, cancellationToken);
                await _settler.FailAsync(request, failure, attempts.Error, attempt.Stream).ConfigureAwait(false);
            }
            else
            {
                await _settler.FailAsync(request, new OperationCanceledException("The reader of the stream stopped."), error: null, attempt.Stream).ConfigureAwait(false);
            }
        }

        return again;
    }
}
