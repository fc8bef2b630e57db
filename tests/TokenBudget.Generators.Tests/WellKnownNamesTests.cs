using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using TokenBudget.Calls;
using TokenBudget.CompilerServices;
using TokenBudget.Configuration;
using TokenBudget.Conversations;

namespace TokenBudget.Generators.Tests;

/// <summary>The generator knows the runtime by name only; here the names are held to the types.</summary>
public sealed class WellKnownNamesTests
{
    private static readonly Dictionary<string, Type> Types = new()
    {
        [nameof(WellKnownNames.ChatAgentAttribute)] = typeof(ChatAgentAttribute),
        [nameof(WellKnownNames.TokenBudgetAttribute)] = typeof(TokenBudgetAttribute),
        [nameof(WellKnownNames.RateLimitedAttribute)] = typeof(RateLimitedAttribute),
        [nameof(WellKnownNames.CostTrackedAttribute)] = typeof(CostTrackedAttribute),
        [nameof(WellKnownNames.RoutedToAttribute)] = typeof(RoutedToAttribute),
        [nameof(WellKnownNames.CachedAttribute)] = typeof(CachedAttribute),
        [nameof(WellKnownNames.SummarizedAttribute)] = typeof(SummarizedAttribute),
        [nameof(WellKnownNames.PromptAttribute)] = typeof(PromptAttribute),
        [nameof(WellKnownNames.SystemPromptAttribute)] = typeof(SystemPromptAttribute),
        [nameof(WellKnownNames.MaxTokensAttribute)] = typeof(MaxTokensAttribute),
        [nameof(WellKnownNames.CacheScopeAttribute)] = typeof(CacheScopeAttribute),
        [nameof(WellKnownNames.CacheIgnoreAttribute)] = typeof(CacheIgnoreAttribute),
        [nameof(WellKnownNames.JsonContextAttribute)] = typeof(JsonContextAttribute),
        [nameof(WellKnownNames.AgentJson)] = typeof(AgentJson),
        [nameof(WellKnownNames.JsonSerializerContext)] = typeof(System.Text.Json.Serialization.JsonSerializerContext),
        [nameof(WellKnownNames.JsonSerializerOptions)] = typeof(System.Text.Json.JsonSerializerOptions),
        [nameof(WellKnownNames.ToolsAttribute)] = typeof(ToolsAttribute),
        [nameof(WellKnownNames.ToolApprovalAttribute)] = typeof(ToolApprovalAttribute),
        [nameof(WellKnownNames.ConversationIdAttribute)] = typeof(ConversationIdAttribute),
        [nameof(WellKnownNames.AgentReply)] = typeof(AgentReply<>),
        [nameof(WellKnownNames.ToolFunction)] = typeof(ToolFunction),
        [nameof(WellKnownNames.ApprovalRequiredAIFunction)] = typeof(ApprovalRequiredAIFunction),
        [nameof(WellKnownNames.WindowPolicy)] = typeof(WindowPolicy),
        [nameof(WellKnownNames.BudgetPeriod)] = typeof(BudgetPeriod),
        [nameof(WellKnownNames.BudgetScope)] = typeof(BudgetScope),
        [nameof(WellKnownNames.AtLimit)] = typeof(AtLimit),
        [nameof(WellKnownNames.CostLimit)] = typeof(CostLimit),
        [nameof(WellKnownNames.RateLimitMode)] = typeof(RateLimitMode),
        [nameof(WellKnownNames.RateEstimate)] = typeof(RateEstimate),
        [nameof(WellKnownNames.StoreFallback)] = typeof(StoreFallback),
        [nameof(WellKnownNames.RatePriority)] = typeof(RatePriority),
        [nameof(WellKnownNames.CacheScope)] = typeof(CacheScope),
        [nameof(WellKnownNames.TokenBudgetRuntime)] = typeof(TokenBudgetRuntime),
        [nameof(WellKnownNames.AgentMethodPolicy)] = typeof(AgentMethodPolicy),
        [nameof(WellKnownNames.AgentMethod)] = typeof(AgentMethod),
        [nameof(WellKnownNames.ReplyFormat)] = typeof(ReplyFormat),
        [nameof(WellKnownNames.Conversation)] = typeof(Conversation),
        [nameof(WellKnownNames.TenantAccessor)] = typeof(ITenantAccessor),
        [nameof(WellKnownNames.TokenBudgetServiceCollectionExtensions)] = typeof(TokenBudgetServiceCollectionExtensions),
        [nameof(WellKnownNames.IChatClient)] = typeof(IChatClient),
        [nameof(WellKnownNames.ChatMessage)] = typeof(ChatMessage),
        [nameof(WellKnownNames.AIContent)] = typeof(AIContent),
        [nameof(WellKnownNames.AITool)] = typeof(AITool),
        [nameof(WellKnownNames.ChatOptions)] = typeof(ChatOptions),
        [nameof(WellKnownNames.ChatResponse)] = typeof(ChatResponse),
        [nameof(WellKnownNames.ChatResponseUpdate)] = typeof(ChatResponseUpdate),
        [nameof(WellKnownNames.ServiceCollection)] = typeof(IServiceCollection),
        [nameof(WellKnownNames.Task)] = typeof(Task<>),
        [nameof(WellKnownNames.ValueTask)] = typeof(ValueTask<>),
        [nameof(WellKnownNames.AsyncEnumerable)] = typeof(IAsyncEnumerable<>),
        [nameof(WellKnownNames.CancellationToken)] = typeof(CancellationToken),
        [nameof(WellKnownNames.List)] = typeof(List<>),
    };

    [Fact]
    public void Every_name_is_the_full_name_of_its_type() =>
        typeof(WellKnownNames).GetFields().ToDictionary(constant => constant.Name, constant => (string)constant.GetRawConstantValue()!)
            .ShouldBe(Types.ToDictionary(type => type.Key, type => type.Value.FullName!), ignoreOrder: true);

    [Fact]
    public void Every_setting_is_a_property_of_the_policy_and_an_argument_of_its_attribute()
    {
        foreach (var schema in Parsing.SettingSchema.All)
        {
            var attribute = typeof(ChatAgentAttribute).Assembly.GetType(schema.Attribute)!;
            foreach (var argument in schema.Arguments)
            {
                attribute.GetProperty(argument.Name).ShouldNotBeNull($"{schema.Attribute}.{argument.Name}");
                typeof(BudgetSettings).GetProperty(argument.Setting).ShouldNotBeNull(argument.Setting);
            }
        }
    }

    [Fact]
    public void Every_property_of_the_policy_can_be_said_by_an_attribute() =>
        Parsing.SettingSchema.All
            .SelectMany(schema => schema.Arguments.Select(argument => argument.Setting).Append(schema.Flag ?? ""))
            .Where(setting => setting.Length > 0)
            .ShouldBe(typeof(BudgetSettings).GetProperties().Where(property => property.Name != "Unset").Select(property => property.Name), ignoreOrder: true);

    [Fact]
    public void Every_argument_of_an_attribute_is_read()
    {
        foreach (var schema in Parsing.SettingSchema.All.Where(schema => schema.Attribute != WellKnownNames.ChatAgentAttribute))
            typeof(ChatAgentAttribute).Assembly.GetType(schema.Attribute)!
                .GetProperties(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.DeclaredOnly)
                .Select(property => property.Name)
                .ShouldBe(schema.Arguments.Select(argument => argument.Name), ignoreOrder: true);
    }
}
