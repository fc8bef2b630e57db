using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls;

/// <summary>What a layer of the usual kind costs before it does anything: one state machine.</summary>
internal sealed class AsyncLayer(IChatClient inner) : DelegatingChatClient(inner)
{
    public static IChatClient Stack(IChatClient client, int layers)
    {
        for (var layer = 0; layer < layers; layer++)
            client = new AsyncLayer(client);
        return client;
    }

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
            yield return update;
    }
}
