namespace TokenBudget.Generators;

/// <summary>
/// Metadata names of the types the generator and the analyzers know. The compiler loads this assembly without the runtime's,
/// so they are strings; a test holds each to its <c>typeof(...).FullName</c>.
/// </summary>
internal static class WellKnownNames
{
    public const string ChatAgentAttribute = "TokenBudget.ChatAgentAttribute";
    public const string TokenBudgetAttribute = "TokenBudget.TokenBudgetAttribute";
    public const string RateLimitedAttribute = "TokenBudget.RateLimitedAttribute";
    public const string CostTrackedAttribute = "TokenBudget.CostTrackedAttribute";
    public const string RoutedToAttribute = "TokenBudget.RoutedToAttribute";
    public const string CachedAttribute = "TokenBudget.CachedAttribute";
    public const string SummarizedAttribute = "TokenBudget.SummarizedAttribute";
    public const string PromptAttribute = "TokenBudget.PromptAttribute";
    public const string SystemPromptAttribute = "TokenBudget.SystemPromptAttribute";
    public const string MaxTokensAttribute = "TokenBudget.MaxTokensAttribute";
    public const string CacheScopeAttribute = "TokenBudget.CacheScopeAttribute";
    public const string CacheIgnoreAttribute = "TokenBudget.CacheIgnoreAttribute";
    public const string JsonContextAttribute = "TokenBudget.JsonContextAttribute";
    public const string ToolsAttribute = "TokenBudget.ToolsAttribute";
    public const string ToolApprovalAttribute = "TokenBudget.ToolApprovalAttribute";
    public const string ConversationIdAttribute = "TokenBudget.ConversationIdAttribute";

    public const string WindowPolicy = "TokenBudget.WindowPolicy";
    public const string BudgetPeriod = "TokenBudget.BudgetPeriod";
    public const string BudgetScope = "TokenBudget.BudgetScope";
    public const string AtLimit = "TokenBudget.AtLimit";
    public const string CostLimit = "TokenBudget.Configuration.CostLimit";
    public const string RateLimitMode = "TokenBudget.RateLimitMode";
    public const string RateEstimate = "TokenBudget.RateEstimate";
    public const string StoreFallback = "TokenBudget.StoreFallback";
    public const string RatePriority = "TokenBudget.RatePriority";
    public const string CacheScope = "TokenBudget.CacheScope";
    public const string TokenBudgetRuntime = "TokenBudget.TokenBudgetRuntime";
    public const string AgentReply = "TokenBudget.AgentReply`1";
    public const string AgentMethodPolicy = "TokenBudget.Calls.AgentMethodPolicy";
    public const string AgentMethod = "TokenBudget.CompilerServices.AgentMethod";
    public const string ReplyFormat = "TokenBudget.CompilerServices.ReplyFormat";
    public const string AgentJson = "TokenBudget.CompilerServices.AgentJson";
    public const string ToolFunction = "TokenBudget.CompilerServices.ToolFunction";
    public const string Conversation = "TokenBudget.Conversation";
    public const string TenantAccessor = "TokenBudget.Configuration.ITenantAccessor";
    public const string TokenBudgetServiceCollectionExtensions =
        "Microsoft.Extensions.DependencyInjection.TokenBudgetServiceCollectionExtensions";

    public const string IChatClient = "Microsoft.Extensions.AI.IChatClient";
    public const string ChatMessage = "Microsoft.Extensions.AI.ChatMessage";
    public const string AIContent = "Microsoft.Extensions.AI.AIContent";
    public const string AITool = "Microsoft.Extensions.AI.AITool";
    public const string ApprovalRequiredAIFunction = "Microsoft.Extensions.AI.ApprovalRequiredAIFunction";
    public const string ChatOptions = "Microsoft.Extensions.AI.ChatOptions";
    public const string ChatResponse = "Microsoft.Extensions.AI.ChatResponse";
    public const string ChatResponseUpdate = "Microsoft.Extensions.AI.ChatResponseUpdate";
    public const string ServiceCollection = "Microsoft.Extensions.DependencyInjection.IServiceCollection";

    public const string JsonSerializerContext = "System.Text.Json.Serialization.JsonSerializerContext";
    public const string JsonSerializerOptions = "System.Text.Json.JsonSerializerOptions";

    public const string Task = "System.Threading.Tasks.Task`1";
    public const string ValueTask = "System.Threading.Tasks.ValueTask`1";
    public const string AsyncEnumerable = "System.Collections.Generic.IAsyncEnumerable`1";
    public const string CancellationToken = "System.Threading.CancellationToken";
    public const string List = "System.Collections.Generic.List`1";
}
