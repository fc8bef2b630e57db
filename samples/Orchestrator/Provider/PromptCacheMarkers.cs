using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;

namespace Orchestrator.Provider;

/// <summary>
/// Marks the provider's prompt cache, the same way for all three clients: after the system prompt and after the last block, so that the
/// next request reads everything this one sent. Contents are copied before they are marked; histories stay as they are.
/// </summary>
internal sealed class PromptCacheMarkers(IChatClient innerClient) : DelegatingChatClient(innerClient)
{
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(Mark(messages), options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(Mark(messages), options, cancellationToken);

    private static List<ChatMessage> Mark(IEnumerable<ChatMessage> messages)
    {
        var marked = messages.ToList();
        var system = marked.FindLastIndex(message => message.Role == ChatRole.System);
        if (system >= 0)
            marked[system] = Mark(marked[system]);
        if (marked.Count - 1 > system)
            marked[^1] = Mark(marked[^1]);
        return marked;
    }

    private static ChatMessage Mark(ChatMessage message)
    {
        AIContent? copy = message.Contents.LastOrDefault() switch
        {
            TextContent text => new TextContent(text.Text),
            FunctionResultContent result => new FunctionResultContent(result.CallId, result.Result),
            _ => null,
        };
        if (copy is null)
            return message;
        var clone = message.Clone();
        clone.Contents = [.. message.Contents.SkipLast(1), copy.WithCacheControl(Ttl.Ttl5m)];
        return clone;
    }
}
