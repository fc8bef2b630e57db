using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.CompilerServices;

/// <summary>One call as collected from its parameters.</summary>
internal sealed class AgentRequest
{
    /// <summary>What comes before the turn: system prompt, summary, history.</summary>
    public List<ChatMessage> History { get; } = [];

    /// <summary>The user messages that begin the turn.</summary>
    public List<ChatMessage> Turn { get; } = [];

    /// <summary>Values that are not in the messages but can change the answer.</summary>
    public List<KeyValuePair<string, object?>> KeyParts { get; } = [];

    /// <summary>Tools besides those of the options.</summary>
    public List<AITool> Tools { get; } = [];

    public Conversation? Conversation { get; set; }

    /// <summary>The version of the conversation the call started from.</summary>
    public long ConversationVersion { get; set; }

    public ChatOptions? Options { get; set; }

    public string? Tenant { get; set; }

    public List<ChatMessage> AllMessages() => [.. History, .. Turn];
}
