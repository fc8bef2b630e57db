using TokenBudget.Conversations;

namespace TokenBudget.Wire.Tests;

[ChatAgent(Model = Wire.Sonnet)]
[TokenBudget(MaxOutputTokens = 100)]
[CostTracked(LimitUsd = 1, BudgetName = "talk", AtLimit = AtLimit.Pause)]
[Summarized(AfterMessages = 4, MaxWords = 20, Model = Wire.Sonnet)]
internal interface IChattyAgent
{
    Task<string> ChatAsync(Conversation conversation, string message, CancellationToken cancellationToken = default);
}
