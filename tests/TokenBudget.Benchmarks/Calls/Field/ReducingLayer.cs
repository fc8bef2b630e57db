using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls.Field;

/// <summary>What <c>UseChatReducer</c> does.</summary>
internal sealed class ReducingLayer(IChatClient inner, IChatReducer reducer) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        messages = await reducer.ReduceAsync(messages, cancellationToken).ConfigureAwait(false);
        // The reducer's result is lazy, and a provider's client reads what it sends.
        return await base.GetResponseAsync([.. messages], options, cancellationToken).ConfigureAwait(false);
    }
}
