using Microsoft.Extensions.AI;

namespace TokenBudget.Conversations;

/// <summary>A message with its size, so that a store can read by token limit without a tokenizer.</summary>
/// <param name="Message">The message. Stores write it as JSON and never keep the object.</param>
/// <param name="Tokens">Its size in tokens by the counter of the model in use; not negative.</param>
public sealed record CountedMessage(ChatMessage Message, int Tokens);
