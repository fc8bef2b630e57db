using Microsoft.Extensions.AI;

namespace TokenBudget.Windowing;

/// <summary>Finds the messages that tool results answer.</summary>
internal ref struct CallOrigins(ReadOnlySpan<ChatMessage> messages)
{
    private readonly ReadOnlySpan<ChatMessage> _messages = messages;
    private Dictionary<string, int>? _byId;
    private int _indexed;
    private int _newest = -1;

    /// <summary>
    /// For results, whatever role they have, a message their unit reaches back to: the oldest of their calls or, for an orphan, what
    /// precedes it. -1 for other messages. Asked for every message in order.
    /// </summary>
    /// <param name="index">The message.</param>
    /// <param name="speaker">Who it is from.</param>
    /// <param name="previous">What precedes it.</param>
    public int Of(int index, Speaker speaker, int previous)
    {
        var origin = speaker == Speaker.Tool ? previous : -1;
        var contents = _messages[index].Contents;
        for (var at = 0; at < contents.Count; at++)
        {
            var content = contents[at];
            // Most contents are texts; derived types make asking for the others slow.
            if (content.GetType() == typeof(TextContent))
                continue;
            if (content is FunctionResultContent result)
            {
                var call = CallOf(result.CallId, index);
                origin = Math.Min(origin < 0 ? index : origin, call < 0 ? previous : call);
            }
            else if (content is FunctionCallContent)
            {
                _newest = index;
            }
        }

        return origin;
    }

    /// <summary>The newest message before with a call of that id: some providers count their ids from the start in every turn. -1 when there is none.</summary>
    private int CallOf(string? id, int before)
    {
        if (id is null || _newest < 0)
            return -1;
        // Results nearly always follow their calls at once.
        if (HasCall(_messages[_newest].Contents, id))
            return _newest;
        _byId ??= new Dictionary<string, int>(StringComparer.Ordinal);
        for (; _indexed < before; _indexed++)
            if (!PinnedMessage.IsPinned(_messages[_indexed]))
                Index(_messages[_indexed].Contents, _byId);
        return _byId.TryGetValue(id, out var index) ? index : -1;
    }

    private readonly void Index(IList<AIContent> contents, Dictionary<string, int> byId)
    {
        for (var at = 0; at < contents.Count; at++)
            if (contents[at] is FunctionCallContent { CallId: { } made })
                byId[made] = _indexed;
    }

    private static bool HasCall(IList<AIContent> contents, string id)
    {
        for (var at = 0; at < contents.Count; at++)
            if (contents[at] is FunctionCallContent call && call.CallId == id)
                return true;
        return false;
    }
}
