using TokenBudget;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.RateLimiting;

namespace HelpDesk;

[ChatAgent(Model = "claude-sonnet-4-5")]
[TokenBudget(MaxContextTokens = 32_000, TrimToTokens = 16_000, MaxOutputTokens = 1_024, MaxRounds = 8)]
[RateLimited(InputTokensPerMinute = 400_000, OutputTokensPerMinute = 80_000, RequestsPerMinute = 500, LimitName = "anthropic")]
[CostTracked(LimitUsd = 25, Period = BudgetPeriod.Day, AtLimit = AtLimit.Pause)]
[RoutedTo(WhenOverloaded = "claude-haiku-4-5", WhenBudgetIsLow = "claude-haiku-4-5", LowBudgetPercent = 80)]
public interface IHelpAgent
{
    [Cached(TtlMinutes = 240, Scope = CacheScope.Global, Similarity = 0.95)]
    [Prompt("Answer from the manual, or say that it is not in it:\n{question}")]
    Task<string> AnswerAsync([MaxTokens(1_000)] string question, CancellationToken cancellationToken = default);

    [Summarized(AfterMessages = 60, MaxWords = 200, Model = "claude-haiku-4-5")]
    [Tools(typeof(OrderTools))]
    Task<string> ChatAsync(Conversation conversation, string message, CancellationToken cancellationToken = default);
}

public sealed class OrderTools
{
    /// <summary>The state of an order.</summary>
    public string State(string order) => $"{order} is on its way.";
}

public sealed class HelpDesk(IHelpAgent agent)
{
    public async Task<string> AskAsync(Conversation conversation, string message, CancellationToken cancellationToken)
    {
        try
        {
            return await agent.ChatAsync(conversation, message, cancellationToken);
        }
        catch (BudgetPausedException paused)
        {
            return $"We are closed until somebody approves more, or until {paused.ResetsAt:t}.";   // ask somebody; then paused.ResumeAsync<string>()
        }
        catch (RateLimitExceededException busy)
        {
            return $"Too many ask at once. Try again in {busy.RetryAfter?.TotalSeconds ?? 60:0} s.";
        }
        catch (ContextOverflowException tooLong)
        {
            return $"That message has {tooLong.Tokens:N0} tokens; {tooLong.Limit:N0} fit.";
        }
    }
}
