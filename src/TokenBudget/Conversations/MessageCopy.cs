using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace TokenBudget.Conversations;

/// <summary>
/// Copies of messages, so deep that nothing done to one shows in the other: list of contents, contents of any type, arguments, results,
/// additional properties. Shared are what cannot change (texts, bytes, JSON elements), raw representations, and objects of the caller's own types.
/// </summary>
internal static class MessageCopy
{
    public static ChatMessage Of(ChatMessage message)
    {
        var copy = message.Clone();
        copy.Contents = CopyOf(message.Contents);
        copy.AdditionalProperties = CopyOf(message.AdditionalProperties);
        return copy;
    }

    public static AIContent Of(AIContent content)
    {
        var copy = (AIContent)MemberwiseClone(content);
        copy.AdditionalProperties = CopyOf(content.AdditionalProperties);
        copy.Annotations = content.Annotations is { } annotations ? [.. annotations] : null;
        switch (copy)
        {
            case FunctionCallContent { Arguments: { } arguments } call:
                call.Arguments = CopyOf(arguments);
                break;
            case FunctionResultContent result:
                result.Result = CopyOf(result.Result);
                break;
        }

        return copy;
    }

    private static List<AIContent> CopyOf(IList<AIContent> contents)
    {
        var copies = new List<AIContent>(contents.Count);
        foreach (var content in contents)
            copies.Add(Of(content));
        return copies;
    }

    private static AdditionalPropertiesDictionary? CopyOf(AdditionalPropertiesDictionary? properties)
    {
        if (properties is null)
            return null;
        var copy = new AdditionalPropertiesDictionary();
        foreach (var (name, value) in properties)
            copy[name] = CopyOf(value);
        return copy;
    }

    private static Dictionary<string, object?> CopyOf(IDictionary<string, object?> values)
    {
        var copy = new Dictionary<string, object?>(values.Count, (values as Dictionary<string, object?>)?.Comparer);
        foreach (var (name, value) in values)
            copy[name] = CopyOf(value);
        return copy;
    }

    private static object? CopyOf(object? value) => value switch
    {
        string or null => value,
        AIContent content => Of(content),
        IList<AIContent> contents => CopyOf(contents),
        IDictionary<string, object?> values => CopyOf(values),
        List<object?> items => items.ConvertAll(CopyOf),
        JsonNode node => node.DeepClone(),
        Array array => array.Clone(),
        _ => value,
    };

    // Contents have no copying of their own, and there are types of them we do not know.
    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern object MemberwiseClone(object value);
}
