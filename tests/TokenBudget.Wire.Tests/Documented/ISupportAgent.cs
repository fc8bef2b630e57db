namespace TokenBudget.Wire.Tests.Documented;

[ChatAgent(Model = "claude-sonnet-4-5")]
[TokenBudget(MaxContextTokens = 32_000, MaxOutputTokens = 1_024)]
[RateLimited(TokensPerMinute = 400_000, RequestsPerMinute = 500)]
[CostTracked(LimitUsd = 10, Period = BudgetPeriod.Day)]
public interface ISupportAgent
{
    [Cached(TtlMinutes = 60)]
    [Prompt("Classify this ticket as Bug, Question or Request:\n{ticket}")]
    Task<TicketKind> ClassifyAsync([MaxTokens(2_000)] string ticket, CancellationToken cancellationToken = default);
}
