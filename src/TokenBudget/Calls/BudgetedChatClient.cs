using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Calls;

/// <summary>
/// Steps 4 to 9 of a call, for every model request that passes: cut the context, reserve dollars, wait for the rate limit, send,
/// settle both with what the provider reports. Works in any pipeline, also inside somebody else's tool loop.
/// </summary>
/// <remarks>Thread-safe. Streaming and non-streaming requests go through the same accounting; a broken stream is charged for what was produced.</remarks>
public sealed class BudgetedChatClient : DelegatingChatClient
{
    private readonly RequestPreparer _preparer;
    private readonly RequestSettler _settler;
    private readonly bool _enabled;

    internal BudgetedChatClient(IChatClient innerClient, EffectivePolicy policy, CallServices services)
        : base(innerClient)
    {
        var defaultModel = innerClient.GetService<ChatClientMetadata>()?.DefaultModelId;
        _preparer = new RequestPreparer(policy, services, defaultModel);
        _settler = new RequestSettler(policy, services);
        _enabled = services.Enabled;
    }

    private BudgetedChatClient(IChatClient innerClient, BudgetedChatClient sibling)
        : base(innerClient)
    {
        _preparer = sibling._preparer;
        _settler = sibling._settler;
        _enabled = sibling._enabled;
    }

    /// <summary>The same budget in front of another client.</summary>
    internal BudgetedChatClient On(IChatClient innerClient) => new(innerClient, this);

    /// <summary>What the window would make of a prompt, were it sent now.</summary>
    internal ValueTask<PromptForecast> ForecastAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken) =>
        _preparer.ForecastAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetResponseAsync(messages, options, tenant: null, cancellationToken);

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, tenant: null, cancellationToken);

    internal async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, CancellationToken cancellationToken)
    {
        if (!_enabled)
            return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);

        var request = await _preparer.PrepareAsync(messages, options, tenant, cancellationToken).ConfigureAwait(false);
        ChatResponse response;
        try
        {
            response = await base.GetResponseAsync(request.Reduction.Messages, request.Options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await _settler.FailAsync(request, exception, produced: null).ConfigureAwait(false);
            throw;
        }

        await _settler.CompleteAsync(request, response).ConfigureAwait(false);
        return response;
    }

    internal async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, string? tenant, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!_enabled)
        {
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
                yield return update;
            yield break;
        }

        var request = await _preparer.PrepareAsync(messages, options, tenant, cancellationToken).ConfigureAwait(false);
        var stream = new StreamObserver();
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        Exception? failure = null;
        var finished = false;
        try
        {
            while (true)
            {
                // A yield may not stand inside try-catch, so only the step is guarded. A client may fail before it gives an enumerator.
                try
                {
                    updates ??= base.GetStreamingResponseAsync(request.Reduction.Messages, request.Options, cancellationToken)
                        .GetAsyncEnumerator(cancellationToken);
                    if (!await updates.MoveNextAsync().ConfigureAwait(false))
                        break;
                }
                catch (Exception exception)
                {
                    failure = exception;
                    throw;
                }

                stream.Observe(updates.Current);
                yield return updates.Current;
            }

            finished = true;
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
                    await _settler.CompleteAsync(request, stream).ConfigureAwait(false);
                else
                    await _settler.FailAsync(request, failure ?? new OperationCanceledException("The reader of the stream stopped."), stream).ConfigureAwait(false);
            }
        }
    }
}
