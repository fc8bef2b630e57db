using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Summarization;

namespace TokenBudget.CompilerServices;

/// <summary>One call as collected from its parameters.</summary>
internal sealed class AgentRequest
{
    // Most calls have a turn of one message and nothing else.
    private List<ChatMessage>? _leading;

    /// <summary>What comes before the turn besides the conversation, if anything: lists of messages.</summary>
    public List<ChatMessage>? History { get; private set; }

    /// <summary>The user messages that begin the turn.</summary>
    public List<ChatMessage> Turn { get; } = new(1);

    /// <summary>Values that are not in the messages but can change the answer, if there are any.</summary>
    public List<KeyPart>? KeyParts { get; private set; }

    /// <summary>Tools besides those of the options, if there are any.</summary>
    public List<AITool>? Tools { get; private set; }

    public Conversation? Conversation { get; set; }

    /// <summary>The caller's own history, where summaries stand for the older part of it. Then it is the conversation.</summary>
    public CallersHistory? CallersHistory { get; set; }

    /// <summary>The id of a conversation that is still to be opened.</summary>
    public string? ConversationId { get; set; }

    /// <summary>The conversation as the call found it.</summary>
    public ConversationSnapshot? Start { get; set; }

    /// <summary>Where in <see cref="History"/> the conversation stands.</summary>
    public int ConversationAt { get; set; }

    public ChatOptions? Options { get; set; }

    public string? Tenant { get; set; }

    /// <summary>Where in the last text of the turn stands what the user wrote; none, all of it is.</summary>
    public (int Start, int Length)? UserText { get; set; }

    /// <summary>The least similarity this call wants of an answer to another question.</summary>
    public double? Similarity { get; set; }

    /// <summary>Whether something in it may be what a person wrote, and not only constants, numbers and choices.</summary>
    public bool HasUserText { get; set; }

    /// <summary>What the call may cost, if that is limited.</summary>
    public CallCeiling? Ceiling { get; init; }

    /// <summary>Where the call adds up what it uses, if the caller wants to know.</summary>
    public CallReport? Report { get; set; }

    public void AddHistory(IEnumerable<ChatMessage> messages) => (History ??= []).AddRange(messages);

    public void AddKeyPart(KeyPart part) => (KeyParts ??= []).Add(part);

    public void AddTools(IEnumerable<AITool> tools) => (Tools ??= []).AddRange(tools);

    /// <summary>Adds a message that is part of every request: in front of everything but the system message, and of no conversation.</summary>
    public void Lead(ChatMessage message) => (_leading ??= []).Add(message);

    /// <summary>The messages of a prompt, in order.</summary>
    /// <param name="system">The system message, if any.</param>
    /// <param name="part">The part of the conversation it carries, if there is one.</param>
    /// <param name="withTurn">Whether the turn follows; not, once it is part of the conversation.</param>
    public ConversationPrompt PromptOf(ChatMessage? system, ConversationSnapshot? part, bool withTurn = true)
    {
        if (CallersHistory is { } history && part is not null)
            return history.PromptOf([.. system is null ? [] : new[] { system }, .. _leading ?? []], part, withTurn ? Turn : []);
        var messages = new List<ChatMessage>((_leading?.Count ?? 0) + (History?.Count ?? 0) + (part is null ? 0 : part.Messages.Count + 1) + Turn.Count + 1);
        if (system is not null)
            messages.Add(system);
        if (_leading is not null)
            messages.AddRange(_leading);
        if (History is not null && ConversationAt > 0)
            messages.AddRange(History.Take(ConversationAt));
        if (part?.Sent is { } summary)
            messages.Add(SummaryMessage.For(summary));
        var at = messages.Count;
        if (part is not null)
            foreach (var counted in part.Messages)
                messages.Add(counted.Message);
        var count = messages.Count - at;
        if (ConversationAt < History?.Count)
            messages.AddRange(History.Skip(ConversationAt));
        if (withTurn)
            messages.AddRange(Turn);
        return new ConversationPrompt(messages, at, count);
    }
}
