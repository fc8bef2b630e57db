using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;

namespace TokenBudget.Benchmarks.Calls.Field;

/// <summary>What <c>UseDistributedCache</c> does: the key is the mainstream's own function over messages and options, the answer is kept as JSON.</summary>
internal sealed class CachingLayer(IChatClient inner, IDistributedCache store) : DelegatingChatClient(inner)
{
    private static readonly object Version = 2;

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var key = AIJsonUtilities.HashDataToString([Version, false, messages, options], AIJsonUtilities.DefaultOptions);
        if (await store.GetAsync(key, cancellationToken).ConfigureAwait(false) is { } kept)
            return JsonSerializer.Deserialize<ChatResponse>(kept, AIJsonUtilities.DefaultOptions)!;
        var response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        await store.SetAsync(key, JsonSerializer.SerializeToUtf8Bytes(response, AIJsonUtilities.DefaultOptions), cancellationToken).ConfigureAwait(false);
        return response;
    }
}
