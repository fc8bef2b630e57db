using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace TokenBudget.Counting;

/// <summary>The counts of messages, for as long as somebody else keeps the message and until it is changed.</summary>
/// <remarks>
/// Thread-safe; reading takes no lock. The table refers to messages weakly, and what it remembers of a message lives no longer than the message.
/// </remarks>
internal sealed class MessageMemory
{
    private readonly ConditionalWeakTable<ChatMessage, Remembered> _messages = [];

    public bool TryGet(ChatMessage message, out int tokens)
    {
        if (_messages.TryGetValue(message, out var remembered) && MessageFingerprint.Matches(message, remembered.Parts))
        {
            tokens = remembered.Tokens;
            return true;
        }

        tokens = 0;
        return false;
    }

    /// <summary>Remembers a count.</summary>
    /// <param name="message">The message.</param>
    /// <param name="parts">Its parts, taken before it was counted: a change in between is then seen as a change.</param>
    /// <param name="tokens">The count.</param>
    public void Set(ChatMessage message, object?[] parts, int tokens) => _messages.AddOrUpdate(message, new Remembered(parts, tokens));

    private sealed class Remembered(object?[] parts, int tokens)
    {
        public object?[] Parts { get; } = parts;

        public int Tokens { get; } = tokens;
    }
}
