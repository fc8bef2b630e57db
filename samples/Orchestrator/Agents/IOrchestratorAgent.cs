using Microsoft.Extensions.AI;
using TokenBudget;
using TokenBudget.Conversations;

namespace Orchestrator.Agents;

/// <summary>The agent of this sample. Its class, OrchestratorAgent, is generated.</summary>
[ChatAgent(Model = Prompts.Model)]
[TokenBudget(MaxContextTokens = 32_000, TrimToTokens = 10_000, MaxOutputTokens = Prompts.MaxOutputTokens, MaxRounds = Prompts.MaxRounds)]
[RateLimited(InputTokensPerMinute = 75_000, OutputTokensPerMinute = 60_000, RequestsPerMinute = 500)]
[CostTracked(LimitUsd = 10, Period = BudgetPeriod.Day)]
public interface IOrchestratorAgent
{
    [Cached(TtlMinutes = 60, Scope = CacheScope.Global)]
    [Prompt(Prompts.Classify)]
    Task<TicketKind> ClassifyAsync([MaxTokens(6_000)] string ticket, CancellationToken cancellationToken = default);

    [SystemPrompt(Prompts.System)]
    [Summarized(AfterMessages = 120, MaxWords = 200, Model = Prompts.SummaryModel)]
    Task<string> WorkAsync(Conversation conversation, string step, ChatOptions tools, CancellationToken cancellationToken = default);

    [SystemPrompt(Prompts.System)]
    [Tools(typeof(CostTools))]
    Task<string> AskAsync(Conversation conversation, string question, CancellationToken cancellationToken = default);

    [SystemPrompt(Prompts.System)]
    IAsyncEnumerable<ChatResponseUpdate> ReportAsync(Conversation conversation, string question, ChatOptions tools, CancellationToken cancellationToken = default);
}
