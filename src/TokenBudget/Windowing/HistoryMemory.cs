using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using TokenBudget.Counting;

namespace TokenBudget.Windowing;

/// <summary>The token counts of whole histories: a history that has only grown costs what was added to it and one glance at each message it had.</summary>
/// <remarks>
/// Thread-safe. What is remembered of a conversation hangs on its first message that is not a system message (those are often shared), and lives no longer than that.
/// </remarks>
internal sealed class HistoryMemory(MessageCounter counter)
{
    // To remember costs more than to count a few short texts, and long ones are remembered by themselves. Most of what is short is a question of its own that never comes again.
    private const int FewestRemembered = 8;

    private readonly ConditionalWeakTable<ChatMessage, RememberedHistory> _histories = [];

    /// <summary>Tokens before each message and, at the end, of all.</summary>
    /// <param name="messages">The history.</param>
    /// <returns>At least one number more than messages, ascending from 0. As far as that they are never written again.</returns>
    public long[] TokensBefore(ReadOnlySpan<ChatMessage> messages)
    {
        if (messages.Length < FewestRemembered)
            return Count(messages);
        var key = messages[0];
        for (var index = 1; index < messages.Length && key.Role == ChatRole.System; index++)
            key = messages[index];
        return _histories.GetOrAdd(key, static _ => new RememberedHistory()).TokensBefore(messages, counter);
    }

    private long[] Count(ReadOnlySpan<ChatMessage> messages)
    {
        var before = new long[messages.Length + 1];
        for (var index = 0; index < messages.Length; index++)
            before[index + 1] = before[index] + counter.CountOnce(messages[index]);
        return before;
    }
}
