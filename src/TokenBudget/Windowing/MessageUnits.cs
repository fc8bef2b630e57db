using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Windowing;

/// <summary>Takes a history apart into system messages and units.</summary>
internal sealed class MessageUnits
{
    private MessageUnits(List<int> system, long systemTokens, List<MessageUnit> units)
    {
        System = system;
        SystemTokens = systemTokens;
        Units = units;
    }

    /// <summary>Indexes of all messages that stay whatever happens, in order: system, developer and pinned ones.</summary>
    public List<int> System { get; }

    public long SystemTokens { get; }

    public List<MessageUnit> Units { get; }

    /// <param name="messages">The history.</param>
    /// <param name="counter">Counts messages.</param>
    /// <param name="pause">A pause longer than this is marked, where messages say when they were made.</param>
    public static MessageUnits Of(IReadOnlyList<ChatMessage> messages, MessageCounter counter, TimeSpan? pause)
    {
        var system = new List<int>();
        var systemTokens = 0L;
        var units = new List<MessageUnit>(messages.Count);
        var calls = new Dictionary<string, int>(StringComparer.Ordinal);
        var joinsAnswer = false;
        DateTimeOffset? newest = null;
        for (var index = 0; index < messages.Count; index++)
        {
            var message = messages[index];
            var tokens = counter.Count(message);
            var isAfterPause = message.CreatedAt - newest > pause;
            // An answer from a cache says when it was first made.
            if (newest is null || message.CreatedAt > newest)
                newest = message.CreatedAt;
            if (IsSystem(message) || PinnedMessage.IsPinned(message))
            {
                system.Add(index);
                systemTokens += tokens;
                continue;
            }

            var previous = units.Count == 0 ? index : units[^1].End - 1;
            var origin = OriginOf(message, index, previous, calls);
            var isUser = message.Role == ChatRole.User && origin is null;
            if (joinsAnswer && !isUser)
                origin ??= previous;
            var unit = new MessageUnit(index, index + 1, 1, tokens, isUser, isUser ? new UserMessage(index, tokens) : null, isAfterPause);
            while (units.Count > 0 && units[^1].End > (origin ?? index))
            {
                unit = units[^1].Join(unit);
                units.RemoveAt(units.Count - 1);
            }

            units.Add(unit);
            joinsAnswer = IsReasoningOnly(message);
        }

        return new MessageUnits(system, systemTokens, units);
    }

    /// <summary>
    /// For results, whatever role they have, a message their unit reaches back to: the oldest of their calls or, for an orphan, what
    /// precedes it. None for other messages.
    /// </summary>
    private static int? OriginOf(ChatMessage message, int index, int previous, Dictionary<string, int> calls)
    {
        int? origin = message.Role == ChatRole.Tool ? previous : null;
        foreach (var content in message.Contents)
        {
            // Some providers count their call ids from the start in every turn, so the newest call of an id is the one meant.
            if (content is FunctionCallContent { CallId: { } made })
                calls[made] = index;
            else if (content is FunctionResultContent result)
                origin = Math.Min(origin ?? index, result.CallId is { } id && calls.TryGetValue(id, out var call) ? call : previous);
        }

        return origin;
    }

    /// <summary>System and developer messages.</summary>
    public static bool IsSystem(ChatMessage message) =>
        message.Role == ChatRole.System || string.Equals(message.Role.Value, "developer", StringComparison.OrdinalIgnoreCase);

    private static bool IsReasoningOnly(ChatMessage message)
    {
        if (message.Role != ChatRole.Assistant || message.Contents.Count == 0)
            return false;
        foreach (var content in message.Contents)
            if (content is not TextReasoningContent)
                return false;
        return true;
    }
}
