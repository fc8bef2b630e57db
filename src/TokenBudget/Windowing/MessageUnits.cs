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

    /// <summary>Indexes of all system and developer messages, in order.</summary>
    public List<int> System { get; }

    public long SystemTokens { get; }

    public List<MessageUnit> Units { get; }

    public static MessageUnits Of(IReadOnlyList<ChatMessage> messages, MessageCounter counter)
    {
        var system = new List<int>();
        var systemTokens = 0L;
        var units = new List<MessageUnit>(messages.Count);
        var joinsNext = false;
        for (var index = 0; index < messages.Count; index++)
        {
            var message = messages[index];
            var tokens = counter.Count(message);
            if (IsSystem(message))
            {
                system.Add(index);
                systemTokens += tokens;
                continue;
            }

            var hasResults = HasToolResults(message);
            // A result belongs to the calls before it whatever role it has; an orphan clings to what precedes it.
            if (units.Count > 0 && (joinsNext || hasResults))
            {
                var last = units[^1];
                units[^1] = last with { End = index + 1, Tokens = last.Tokens + tokens, IsUser = last.IsUser && !hasResults };
            }
            else
            {
                units.Add(new MessageUnit(index, index + 1, tokens, IsUser(message) && !hasResults));
            }

            joinsNext = IsReasoningOnly(message);
        }

        return new MessageUnits(system, systemTokens, units);
    }

    private static bool IsSystem(ChatMessage message) =>
        message.Role == ChatRole.System || string.Equals(message.Role.Value, "developer", StringComparison.OrdinalIgnoreCase);

    private static bool IsUser(ChatMessage message) => message.Role == ChatRole.User;

    private static bool HasToolResults(ChatMessage message)
    {
        if (message.Role == ChatRole.Tool)
            return true;
        foreach (var content in message.Contents)
            if (content is FunctionResultContent)
                return true;
        return false;
    }

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
