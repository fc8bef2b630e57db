using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls;

/// <summary>An agent with every feature that works on the path of a call, but for stores and keys.</summary>
[ChatAgent(Model = "gpt-4o"), SystemPrompt("Be brief.")]
[TokenBudget(MaxContextTokens = 50_000, MaxOutputTokens = 2_000, MaxRounds = 4)]
[RateLimited(TokensPerMinute = 1_000_000_000_000, RequestsPerMinute = 1_000_000_000_000)]
[CostTracked(LimitUsd = 100_000)]
public interface IEchoAgent
{
    [Prompt("Repeat: {text}")]
    Task<ChatResponse> EchoAsync(string text, CancellationToken cancellationToken = default);

    IAsyncEnumerable<ChatResponseUpdate> StreamAsync(string text, CancellationToken cancellationToken = default);
}
