using Microsoft.Extensions.AI;

namespace TokenBudget.Benchmarks.Calls;

/// <summary>The same as <see cref="IEchoAgent"/>, and answers are cached: with key, single flight and the copy that would be kept.</summary>
[ChatAgent(Model = "gpt-4o"), SystemPrompt("Be brief.")]
[TokenBudget(MaxContextTokens = 50_000, MaxOutputTokens = 2_000, MaxRounds = 4)]
[RateLimited(TokensPerMinute = 1_000_000_000_000, RequestsPerMinute = 1_000_000_000_000)]
[CostTracked(LimitUsd = 100_000)]
public interface ICachedEchoAgent
{
    [Cached(Scope = CacheScope.Global), Prompt("Repeat: {text}")]
    Task<ChatResponse> EchoAsync(string text, CancellationToken cancellationToken = default);
}
