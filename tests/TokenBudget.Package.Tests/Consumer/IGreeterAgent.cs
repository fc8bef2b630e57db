using TokenBudget;
using TokenBudget.Conversations;

namespace Consumer;

/// <summary>One method that is bounded, and one whose history is not: that is TB0102.</summary>
[ChatAgent(Model = "gpt-4o")]
public interface IGreeterAgent
{
    [TokenBudget(MaxContextTokens = 1_000, MaxOutputTokens = 50)]
    [Prompt("Greet {name} politely.")]
    Task<string> GreetAsync([MaxTokens(20)] string name, CancellationToken cancellationToken = default);

    Task<string> ChatAsync(Conversation conversation, string message, CancellationToken cancellationToken = default);
}
