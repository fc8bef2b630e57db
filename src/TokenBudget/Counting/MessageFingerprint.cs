using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Counting;

/// <summary>
/// The objects a message's count depends on, in order: its author's name and, of each content, itself and what can be changed in it. As long as
/// the same objects are there, the count is the same, because strings, bytes and JSON elements never change.
/// </summary>
/// <remarks>
/// One walk both records and compares, so that the two cannot come apart. Not seen: a change inside an object of the caller's own type that is
/// a tool's argument or result, and a detail that is changed on a picture already counted.
/// </remarks>
internal ref struct MessageFingerprint
{
    private readonly List<object?>? _record;
    private readonly ReadOnlySpan<object?> _known;
    private int _index;

    private MessageFingerprint(List<object?>? record, ReadOnlySpan<object?> known)
    {
        _record = record;
        _known = known;
    }

    /// <summary>Whether a message still consists of what it consisted of.</summary>
    public static bool Matches(ChatMessage message, object?[] known)
    {
        var fingerprint = new MessageFingerprint(null, known);
        return fingerprint.Walk(message) && fingerprint._index == known.Length;
    }

    /// <summary>What a message consists of, or <see langword="null"/> when that can change without being seen and it has to be counted every time.</summary>
    public static object?[]? Of(ChatMessage message)
    {
        var record = new List<object?>(4);
        var fingerprint = new MessageFingerprint(record, default);
        return fingerprint.Walk(message) ? [.. record] : null;
    }

    private bool Walk(ChatMessage message)
    {
        if (!Same(message.AuthorName))
            return false;
        if (message.Contents is List<AIContent> list)
        {
            foreach (var content in CollectionsMarshal.AsSpan(list))
                if (!Walk(content))
                    return false;
            return true;
        }

        foreach (var content in message.Contents)
            if (!Walk(content))
                return false;
        return true;
    }

    private bool Walk(AIContent content)
    {
        if (!Same(content))
            return false;
        // Exact types: a derived one may have more to it.
        if (content.GetType() == typeof(TextContent))
            return Same(((TextContent)content).Text);
        return content switch
        {
            FunctionCallContent call => Same(call.Name) && Walk(call.Arguments),
            FunctionResultContent result => WalkResult(result.Result),
            TextContent text => Same(text.Text),
            TextReasoningContent reasoning => Same(reasoning.Text) && Same(reasoning.ProtectedData),
            ErrorContent error => Same(error.Message),
            DataContent or UriContent or UsageContent => true,
            _ => false,
        };
    }

    private bool WalkResult(object? result)
    {
        if (!Same(result))
            return false;
        if (result is AIContent content)
            return Walk(content);
        if (result is not IList<AIContent> list)
            // A sequence may be another one each time it is asked.
            return result is not IEnumerable<AIContent>;
        for (var index = 0; index < list.Count; index++)
            if (!Walk(list[index]))
                return false;
        return true;
    }

    private bool Walk(IDictionary<string, object?>? arguments)
    {
        if (!Same(arguments))
            return false;
        // Its enumerator is a struct; through the interface it would be an allocation.
        if (arguments is Dictionary<string, object?> dictionary)
        {
            foreach (var (name, value) in dictionary)
                if (!Same(name) || !Same(value))
                    return false;
            return true;
        }

        foreach (var (name, value) in arguments ?? Empty)
            if (!Same(name) || !Same(value))
                return false;
        return true;
    }

    private static readonly Dictionary<string, object?> Empty = [];

    private bool Same(object? part)
    {
        if (_record is null)
            return (uint)_index < (uint)_known.Length && ReferenceEquals(_known[_index++], part);
        _record.Add(part);
        return true;
    }
}
