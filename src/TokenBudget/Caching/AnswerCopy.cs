using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>
/// Copies of answers as they are read from JSON. A copy shares with the original only what cannot change: texts, bytes, JSON elements. So nothing done to one shows in the other.
/// </summary>
internal static class AnswerCopy
{
    /// <summary>Whether all an answer is made of is of kinds whose parts are known here.</summary>
    public static bool IsKnown(ChatResponse response) =>
        IsKnown(response.AdditionalProperties) && response.Messages.All(static message => IsKnown(message.AdditionalProperties) && message.Contents.All(IsKnown));

    /// <summary>
    /// Whether an answer is of text and usage alone, so that a copy of it is what its JSON would be read as. Of anything else some parts can change, or become others on the way.
    /// </summary>
    public static bool IsPlain(ChatResponse response)
    {
        if (response.GetType() != typeof(ChatResponse) || response.AdditionalProperties is not null || CompleteAnswer.IsUnfinished(response))
            return false;
        foreach (var message in response.Messages)
        {
            if (message is not { AdditionalProperties: null } || message.GetType() != typeof(ChatMessage))
                return false;
            foreach (var content in message.Contents)
                if (content is not { AdditionalProperties: null, Annotations: null }
                    || (content.GetType() != typeof(TextContent) && content.GetType() != typeof(TextReasoningContent) && content.GetType() != typeof(UsageContent)))
                    return false;
        }

        return true;
    }

    /// <summary>A copy of an answer that <see cref="IsKnown(ChatResponse)"/> or <see cref="IsPlain"/>.</summary>
    public static ChatResponse Of(ChatResponse response)
    {
        var messages = new List<ChatMessage>(response.Messages.Count);
        foreach (var message in response.Messages)
            messages.Add(Of(message));
        return new ChatResponse(messages)
        {
            ResponseId = response.ResponseId,
            ModelId = response.ModelId,
            CreatedAt = response.CreatedAt,
            FinishReason = response.FinishReason,
            Usage = Of(response.Usage),
            AdditionalProperties = response.AdditionalProperties?.Clone(),
        };
    }

    /// <summary>A copy of a content that <see cref="IsKnown(AIContent)"/>.</summary>
    public static AIContent Of(AIContent content)
    {
        // Without the URI it was read from, which says the same in twice the space and more.
        var copy = content is DataContent data ? new DataContent(data.Data, data.MediaType) { Name = data.Name } : (AIContent)MemberwiseClone(content);
        copy.RawRepresentation = null;
        copy.AdditionalProperties = content.AdditionalProperties?.Clone();
        switch (copy)
        {
            case FunctionCallContent { Arguments: { } arguments } call:
                call.Arguments = new Dictionary<string, object?>(arguments);
                break;
            case UsageContent usage:
                usage.Details = Of(usage.Details)!;
                break;
        }

        return copy;
    }

    private static ChatMessage Of(ChatMessage message)
    {
        var contents = new List<AIContent>(message.Contents.Count);
        foreach (var content in message.Contents)
            contents.Add(Of(content));
        var copy = message.Clone();
        copy.Contents = contents;
        copy.RawRepresentation = null;
        copy.AdditionalProperties = message.AdditionalProperties?.Clone();
        return copy;
    }

    private static UsageDetails? Of(UsageDetails? usage)
    {
        if (usage is null)
            return null;
        var copy = new UsageDetails();
        copy.Add(usage);
        return copy;
    }

    // Annotations are lists of objects of lists; what carries them is read from JSON anew.
    private static bool IsKnown(AIContent content) => content.Annotations is null && IsKnown(content.AdditionalProperties) && content switch
    {
        TextContent or TextReasoningContent => true,
        FunctionCallContent call => call.GetType() == typeof(FunctionCallContent) && call.Exception is null && IsKnown(call.Arguments),
        FunctionResultContent result => result.GetType() == typeof(FunctionResultContent) && result.Exception is null && IsConstant(result.Result),
        DataContent or UriContent or UsageContent => content.GetType() == typeof(DataContent) || content.GetType() == typeof(UriContent) || content.GetType() == typeof(UsageContent),
        _ => false,
    };

    private static bool IsKnown(IEnumerable<KeyValuePair<string, object?>>? properties) => properties is null || properties.All(static property => IsConstant(property.Value));

    private static bool IsConstant(object? value) => value is null or string or JsonElement;

    // Contents have no copying of their own. Their fields are copied, those of a later version too.
    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern object MemberwiseClone(object value);
}
