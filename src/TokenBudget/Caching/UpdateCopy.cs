using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>Copies of streamed updates: what a reader does to its update must not reach the other readers or the cache.</summary>
internal static class UpdateCopy
{
    /// <summary>
    /// A copy that shares nothing mutable, without raw representation and conversation; <see langword="null"/> when the update does not serialize.
    /// </summary>
    public static ChatResponseUpdate? TryMake(ChatResponseUpdate update)
    {
        // Nearly every update is a piece of text: no need to go through JSON.
        if (update.AdditionalProperties is null && update.Contents.All(IsPlain))
            return Detach(update, [.. update.Contents.Select(AnswerCopy.Of)]);

        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(update, ResponsePayload.TypeInfo<ChatResponseUpdate>());
            var copy = JsonSerializer.Deserialize(json, ResponsePayload.TypeInfo<ChatResponseUpdate>());
            return copy is null ? null : Detach(copy, copy.Contents);
        }
        // Contents and properties may be the provider's own types, whose converters and getters may throw anything.
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>A copy that shares the contents themselves: all that can be done for an update that does not serialize.</summary>
    public static ChatResponseUpdate MakeShallow(ChatResponseUpdate update) => Detach(update, [.. update.Contents]);

    private static ChatResponseUpdate Detach(ChatResponseUpdate update, IList<AIContent> contents)
    {
        var copy = update.Clone();
        copy.Contents = contents;
        copy.RawRepresentation = null;
        copy.ConversationId = null;
        ClearContinuation(copy);
        return copy;
    }

    private static bool IsPlain(AIContent content) =>
        content is TextContent or TextReasoningContent && content.Annotations is null && content.AdditionalProperties is null;

#pragma warning disable MEAI001 // Experimental: the token with which one caller resumes its own stream.
    private static void ClearContinuation(ChatResponseUpdate update) => update.ContinuationToken = null;
#pragma warning restore MEAI001
}
