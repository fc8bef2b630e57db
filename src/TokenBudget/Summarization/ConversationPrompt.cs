using Microsoft.Extensions.AI;

namespace TokenBudget.Summarization;

/// <summary>A prompt and where in it the conversation stands.</summary>
/// <param name="Messages">All messages, in order.</param>
/// <param name="ConversationAt">The index of the first message of the conversation.</param>
/// <param name="ConversationCount">How many of them there are.</param>
internal readonly record struct ConversationPrompt(List<ChatMessage> Messages, int ConversationAt, int ConversationCount);
