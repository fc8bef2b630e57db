using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using TokenBudget.Costs;

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

    /// <summary>What the window would make of a prompt, were it sent now.</summary>
    internal ValueTask<PromptForecast> ForecastAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        _preparer.ForecastAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetResponseAsync(messages, options, _services.Tenants?.Tenant, cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, _services.Tenants?.Tenant, cancellationToken);

    internal async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, CancellationToken cancellationToken, CallReport? report = null)
    {
        if (!_services.Enabled)
            return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);

        var asked = Ask(messages, options, tenant) with { Report = report };
        try
        {
            return await SendAsync(asked, cancellationToken).ConfigureAwait(false);
        }
        catch (BudgetPausedException paused)
        {
            var again = asked with { Messages = [.. asked.Messages] };
            paused.ResumeWith(token => GetResponseAsync(again.Messages, again.Options, again.Tenant, token, again.Report));
            throw;
        }
    }

    private async Task<ChatResponse> SendAsync(ChatRequest asked, CancellationToken cancellationToken)
    {
        var attempts = new RequestAttempts(_policy, _services, _client);
        while (true)
        {
            var request = await PrepareAsync(asked, attempts.TimeLeft, cancellationToken).ConfigureAwait(false);
            ChatResponse? response = null;
            TimeSpan? again = null;
            try
            {
                attempts.Begin(request).Open();
                request.Enclosing?.Enter();
                response = await base.GetResponseAsync(request.Reduction.Messages, request.Options, cancellationToken).ConfigureAwait(false);
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

            await Task.Delay(again.GetValueOrDefault(), _services.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    internal async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!_services.Enabled)
        {
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
                yield return update;
            yield break;
        }

        var asked = Ask(messages, options, tenant);
        var attempts = new RequestAttempts(_policy, _services, _client);
        while (true)
        {
            var request = await PrepareAsync(asked, attempts.TimeLeft, cancellationToken).ConfigureAwait(false);
            var exchange = attempts.Begin(request);
            var stream = new StreamObserver();
            // Until something of the answer has arrived, another attempt can take this one's place, so what comes before it is held back.
            var held = new List<ChatResponseUpdate>();
            using var silence = new StreamSilence(_services.Providers.Options.StreamSilence, _services.Time, cancellationToken);
            IAsyncEnumerator<ChatResponseUpdate>? updates = null;
            Exception? failure = null;
            TimeSpan? again = null;
            var finished = false;
            try
            {
                while (true)
                {
                    // A yield may not stand inside try-catch, so only the step is guarded. A client may fail before it gives an enumerator.
                    try
                    {
                        exchange.Open();
                        request.Enclosing?.Enter();
                        updates ??= base.GetStreamingResponseAsync(request.Reduction.Messages, request.Options, silence.Token).GetAsyncEnumerator(silence.Token);
                        silence.Listen();
                        if (!await updates.MoveNextAsync().ConfigureAwait(false))
                        {
                            stream.ThrowIfIncomplete(exchange);
                            break;
                        }

                        silence.Pause(hasHeard: updates.Current.Contents.Count > 0 || updates.Current.FinishReason is not null);
                    }
                    catch (Exception exception)
                    {
                        failure = silence.Translate(exception);
                        break;
                    }

                    var hadBegun = stream.HasBegun;
                    stream.Observe(updates.Current);
                    if (!hadBegun && stream.HasBegun)
                        _settler.Begin(request, stream);
                    held.Add(updates.Current);
                    if (!stream.HasBegun)
                        continue;
                    foreach (var update in held)
                        yield return update;
                    held.Clear();
                }

                if (failure is null)
                {
                    foreach (var update in held)
                        yield return update;
                    finished = true;
                }
            }
            finally
            {
                // Also reached when the caller stops reading: then the enumerator is disposed at the yield.
                try
                {
                    if (updates is not null)
                        await updates.DisposeAsync().ConfigureAwait(false);
                }
                finally
                {
                    if (finished)
                    {
                        attempts.Succeed();
                        await _settler.CompleteAsync(request, stream).ConfigureAwait(false);
                    }
                    else if (failure is not null)
                    {
                        again = attempts.Fail(failure, stream.HasBegun, cancellationToken);
                        await _settler.FailAsync(request, failure, attempts.Error, stream).ConfigureAwait(false);
                    }
                    else
                    {
                        await _settler.FailAsync(request, new OperationCanceledException("The reader of the stream stopped."), error: null, stream).ConfigureAwait(false);
                    }
                }
            }

            if (failure is null)
                yield break;
            if (again is not { } delay)
            {
                ExceptionDispatchInfo.Throw(attempts.Final(failure));
                yield break;
            }

            await Task.Delay(delay, _services.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Once for all attempts: after the first one it is the attempt itself that runs around the code.
    private ChatRequest Ask(IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant) =>
        new(messages as IReadOnlyList<ChatMessage> ?? [.. messages], options, tenant, EnclosingCall.Around(_services.Costs));

    private async ValueTask<PreparedRequest> PrepareAsync(ChatRequest asked, TimeSpan? maxWait, CancellationToken cancellationToken)
    {
        var request = await _preparer.PrepareAsync(asked, maxWait, cancellationToken).ConfigureAwait(false);
        return _client.MayEnclose ? request with { Enclosing = new EnclosingCall(_services.Costs, _policy, request) } : request;
    }
}
