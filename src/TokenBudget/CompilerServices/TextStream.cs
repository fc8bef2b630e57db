using Microsoft.Extensions.AI;

namespace TokenBudget.CompilerServices;

/// <summary>Streams of text made of streams of updates, and the other way round.</summary>
internal static class TextStream
{
    public static async IAsyncEnumerable<string> Of(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        await foreach (var update in updates.ConfigureAwait(false))
            if (update.Text is { Length: > 0 } text)
                yield return text;
    }

    /// <summary>A stream that comes to its end is a complete answer; one that throws never says so.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> ToUpdates(IAsyncEnumerable<string> texts)
    {
        await foreach (var text in texts.ConfigureAwait(false))
            yield return new ChatResponseUpdate(ChatRole.Assistant, text);
        yield return new ChatResponseUpdate { Role = ChatRole.Assistant, FinishReason = ChatFinishReason.Stop };
    }
}
