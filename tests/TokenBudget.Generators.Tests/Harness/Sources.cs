namespace TokenBudget.Generators.Tests.Harness;

/// <summary>Sources more than one test uses.</summary>
internal static class Sources
{
    public const string Orchestrator = """
        namespace Contoso;

        public enum TicketKind { Bug, Question, Request }

        [ChatAgent(Model = "claude-sonnet-4-5")]
        [SystemPrompt("You sort tickets.")]
        [TokenBudget(MaxContextTokens = 50_000, MaxMessages = 200, MaxOutputTokens = 4_096)]
        [RateLimited(TokensPerMinute = 400_000, RequestsPerMinute = 500)]
        [CostTracked(LimitUsd = 10, Period = BudgetPeriod.Day)]
        [Summarized(AfterMessages = 20, MaxWords = 200, Model = "claude-haiku-4-5")]
        public interface IOrchestratorAgent
        {
            [Cached(TtlMinutes = 60)]
            [TokenBudget(MaxOutputTokens = 16, Window = WindowPolicy.Economic)]
            [Prompt("Classify this ticket as bug, question or request:\n{ticket}")]
            Task<TicketKind> ClassifyAsync([MaxTokens(2_000)] string ticket, CancellationToken cancellationToken = default);

            IAsyncEnumerable<ChatResponseUpdate> ChatAsync(Conversation conversation, string message, CancellationToken cancellationToken = default);
        }
        """;
}
