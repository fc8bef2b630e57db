using Microsoft.Extensions.AI;

namespace TokenBudget.Windowing;

/// <summary>Takes a history apart into system messages and units.</summary>
internal sealed class MessageUnits
{
    private MessageUnits(int messages) => Units = new List<MessageUnit>(messages);

    /// <summary>Indexes of all messages that stay whatever happens, in order: system, developer and pinned ones.</summary>
    public List<int> System { get; } = [];

    public long SystemTokens { get; private set; }

    public List<MessageUnit> Units { get; }

    /// <param name="messages">The history.</param>
    /// <param name="tokensBefore">Tokens before each of them, and of all.</param>
    public static MessageUnits Of(ReadOnlySpan<ChatMessage> messages, long[] tokensBefore)
    {
        var parts = new MessageUnits(messages.Length);
        var units = parts.Units;
        var calls = new CallOrigins(messages);
        var joinsAnswer = false;
        for (var index = 0; index < messages.Length; index++)
        {
            var message = messages[index];
            var tokens = tokensBefore[index + 1] - tokensBefore[index];
            var speaker = message.Speaker();
            if (speaker == Speaker.System || PinnedMessage.IsPinned(message))
            {
                parts.System.Add(index);
                parts.SystemTokens += tokens;
                continue;
            }

            var previous = units.Count == 0 ? index : units[^1].End - 1;
            var origin = calls.Of(index, speaker, previous);
            var isUser = speaker == Speaker.User && origin < 0;
            if (origin < 0)
                origin = joinsAnswer && !isUser ? previous : index;
            var unit = new MessageUnit(tokens, index, index + 1, 1, isUser ? index : -1, isUser);
            while (units.Count > 0 && units[^1].End > origin)
            {
                unit = units[^1].Join(unit);
                units.RemoveAt(units.Count - 1);
            }

            units.Add(unit);
            joinsAnswer = speaker == Speaker.Model && IsReasoningOnly(message);
        }

        return parts;
    }

    /// <summary>System and developer messages.</summary>
    public static bool IsSystem(ChatMessage message) => message.Speaker() == Speaker.System;

    private static bool IsReasoningOnly(ChatMessage message)
    {
        if (message.Contents.Count == 0)
            return false;
        for (var at = 0; at < message.Contents.Count; at++)
            if (message.Contents[at] is not TextReasoningContent)
                return false;
        return true;
    }
}
