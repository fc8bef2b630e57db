using Microsoft.Extensions.AI;

namespace Orchestrator.Agents;

/// <summary>The window most people write: the newest few messages, repaired so far that a provider accepts them.</summary>
internal static class LastMessages
{
    public static List<ChatMessage> Of(IReadOnlyList<ChatMessage> history, int count)
    {
        var messages = history.Where(message => message.Role != ChatRole.System).ToList();
        var tail = messages.TakeLast(count).ToList();
        // Without these two repairs the provider refuses most requests.
        tail.RemoveRange(0, tail.TakeWhile(message => message.Role == ChatRole.Tool).Count());
        var dropped = messages.Count - tail.Count;
        List<ChatMessage> sent = [.. history.Where(message => message.Role == ChatRole.System)];
        if (tail.Count == 0 || tail[0].Role != ChatRole.User)
            sent.Add(messages.Take(dropped).Last(message => message.Role == ChatRole.User));
        sent.AddRange(tail);
        return sent;
    }
}
