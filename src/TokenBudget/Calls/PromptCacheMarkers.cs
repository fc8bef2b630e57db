using Microsoft.Extensions.AI;

namespace TokenBudget.Calls;

/// <summary>
/// Marks where the provider shall cache the prompt, for providers that want to be told (Anthropic): after the system messages, where the
/// request before this one ended, and at the end. The next request then reads everything this one sent.
/// </summary>
/// <remarks>
/// Three markers, of the four Anthropic allows. The second one is there because the provider looks back from a marker over 20 blocks only, and a
/// round of many parallel calls has more. Contents are copied before they are marked: histories stay as they are. Thread-safe.
/// </remarks>
internal sealed class PromptCacheMarkers(IChatClient innerClient, Action<AIContent> mark) : DelegatingChatClient(innerClient)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(Mark(messages), options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(Mark(messages), options, cancellationToken);

    private List<ChatMessage> Mark(IEnumerable<ChatMessage> messages)
    {
        var marked = messages.ToList();
        var system = marked.FindLastIndex(static message => message.Role == ChatRole.System);
        var last = marked.Count - 1;
        var before = marked.FindLastIndex(static message => message.Role == ChatRole.Assistant) - 1;
        MarkAt(marked, system);
        if (before > system)
            MarkAt(marked, before);
        if (last > Math.Max(system, before))
            MarkAt(marked, last);
        return marked;
    }

    private void MarkAt(List<ChatMessage> messages, int index)
    {
        if (index < 0 || messages[index].Contents.Count == 0 || CopyOf(messages[index].Contents[^1]) is not { } copy)
            return;
        mark(copy);
        var clone = messages[index].Clone();
        clone.Contents = [.. messages[index].Contents.SkipLast(1), copy];
        messages[index] = clone;
    }

    /// <summary>A copy of what can carry a marker; none of other contents, which cannot.</summary>
    private static AIContent? CopyOf(AIContent content)
    {
        AIContent? copy = content switch
        {
            // Blank text is not sent, and its marker would be lost with it.
            TextContent text when !string.IsNullOrWhiteSpace(text.Text) => new TextContent(text.Text),
            FunctionResultContent result => new FunctionResultContent(result.CallId, result.Result),
            DataContent data => new DataContent(data.Data, data.MediaType) { Name = data.Name },
            UriContent uri => new UriContent(uri.Uri, uri.MediaType),
            _ => null,
        };
        if (copy is not null && content.AdditionalProperties is { } properties)
            copy.AdditionalProperties = new AdditionalPropertiesDictionary(properties);
        return copy;
    }
}
