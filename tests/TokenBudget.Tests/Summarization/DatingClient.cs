using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Tests.Summarization;

/// <summary>Says of each answer when it was made, by a clock of its own; or nothing.</summary>
internal sealed class DatingClient(IChatClient inner, Func<DateTimeOffset?> now) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken);
        foreach (var message in response.Messages)
            message.CreatedAt = now();
        return response;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            update.CreatedAt = now();
            yield return update;
        }
    }
}
