using Microsoft.Extensions.AI;
using Orchestrator.Agents;
using TokenBudget;

namespace Orchestrator.Replay;

/// <summary>The agent that answers recorded conversations: windowed and priced, not throttled, because a replay runs faster than anybody talks.</summary>
[ChatAgent(Model = Prompts.Model)]
[TokenBudget(MaxContextTokens = 50_000, TrimToTokens = 15_000, MaxOutputTokens = ConversationReplay.MaxOutputTokens)]
[RateLimited(TokensPerMinute = 1_000_000_000)]
[CostTracked(LimitUsd = 1_000)]
public interface IReplayAgent
{
    Task<ChatResponse> AnswerAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken = default);
}
