using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;

#pragma warning disable MEAI001 // Experimental members are part of what a key must cover.

namespace TokenBudget.Tests.Caching;

public sealed class CacheKeyOptionsTests
{
    /// <summary>For every member values that must all give different keys, from those of the others and from none.</summary>
    private static readonly Dictionary<string, Action<ChatOptions>[]> Changes = new()
    {
        [nameof(ChatOptions.Instructions)] = [o => o.Instructions = "", o => o.Instructions = "a"],
        [nameof(ChatOptions.Temperature)] = [o => o.Temperature = 0, o => o.Temperature = 0.1f],
        [nameof(ChatOptions.MaxOutputTokens)] = [o => o.MaxOutputTokens = 0, o => o.MaxOutputTokens = 1],
        [nameof(ChatOptions.TopP)] = [o => o.TopP = 0, o => o.TopP = 1],
        [nameof(ChatOptions.TopK)] = [o => o.TopK = 0, o => o.TopK = 1],
        [nameof(ChatOptions.FrequencyPenalty)] = [o => o.FrequencyPenalty = 0, o => o.FrequencyPenalty = 1],
        [nameof(ChatOptions.PresencePenalty)] = [o => o.PresencePenalty = 0, o => o.PresencePenalty = 1],
        [nameof(ChatOptions.Seed)] = [o => o.Seed = 0, o => o.Seed = 1],
        [nameof(ChatOptions.Reasoning)] =
        [
            o => o.Reasoning = new(), o => o.Reasoning = new() { Effort = ReasoningEffort.Low }, o => o.Reasoning = new() { Effort = ReasoningEffort.High },
            o => o.Reasoning = new() { Output = ReasoningOutput.Full },
        ],
        [nameof(ChatOptions.ResponseFormat)] =
        [
            o => o.ResponseFormat = ChatResponseFormat.Text, o => o.ResponseFormat = ChatResponseFormat.Json,
            o => o.ResponseFormat = ChatResponseFormat.ForJsonSchema(Json("{}")), o => o.ResponseFormat = ChatResponseFormat.ForJsonSchema(Json("""{"type":"object"}""")),
            o => o.ResponseFormat = ChatResponseFormat.ForJsonSchema(Json("{}"), "name"), o => o.ResponseFormat = ChatResponseFormat.ForJsonSchema(Json("{}"), null, "about"),
        ],
        [nameof(ChatOptions.ModelId)] = [o => o.ModelId = "", o => o.ModelId = "m"],
        [nameof(ChatOptions.StopSequences)] = [o => o.StopSequences = [], o => o.StopSequences = ["a", "b"], o => o.StopSequences = ["ab"], o => o.StopSequences = ["b", "a"]],
        [nameof(ChatOptions.AllowMultipleToolCalls)] = [o => o.AllowMultipleToolCalls = false, o => o.AllowMultipleToolCalls = true],
        [nameof(ChatOptions.ToolMode)] =
        [
            o => o.ToolMode = ChatToolMode.Auto, o => o.ToolMode = ChatToolMode.None, o => o.ToolMode = ChatToolMode.RequireAny, o => o.ToolMode = ChatToolMode.RequireSpecific("f"),
        ],
        [nameof(ChatOptions.Tools)] =
        [
            o => o.Tools = [], o => o.Tools = [Tool("f")], o => o.Tools = [Tool("g")], o => o.Tools = [Tool("f", "about")], o => o.Tools = [Tool("f", schema: """{"a":1}""")],
            o => o.Tools = [Tool("f"), Tool("g")], o => o.Tools = [Tool("g"), Tool("f")], o => o.Tools = [Tool("f", strict: true)],
            o => o.Tools = [new ApprovalRequiredAIFunction(AIFunctionFactory.Create(() => 1, "f"))], o => o.Tools = [AIFunctionFactory.Create(() => 1, "f")],
            o => o.Tools = [new HostedWebSearchTool()], o => o.Tools = [new HostedCodeInterpreterTool()],
            o => o.Tools = [new HostedCodeInterpreterTool { Inputs = [new HostedFileContent("f")] }], o => o.Tools = [new HostedFileSearchTool()],
            o => o.Tools = [new HostedFileSearchTool { MaximumResultCount = 3 }], o => o.Tools = [new HostedFileSearchTool { Inputs = [new HostedVectorStoreContent("v")] }],
            o => o.Tools = [Server()], o => o.Tools = [Server("t")], o => o.Tools = [Server(address: "https://other.example/")],
            o => o.Tools = [Server(change: s => s.ServerDescription = "d")], o => o.Tools = [Server(change: s => s.AllowedTools = ["a"])],
            o => o.Tools = [Server(change: s => s.Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer 1" })],
            o => o.Tools = [Server(change: s => s.Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer 2" })],
            o => o.Tools = [Server(change: s => s.ApprovalMode = HostedMcpServerToolApprovalMode.AlwaysRequire)],
            o => o.Tools = [Server(change: s => s.ApprovalMode = HostedMcpServerToolApprovalMode.RequireSpecific(["a"], null))],
            o => o.Tools = [Server(change: s => s.ApprovalMode = HostedMcpServerToolApprovalMode.RequireSpecific(null, ["a"]))],
        ],
        [nameof(ChatOptions.AllowBackgroundResponses)] = [o => o.AllowBackgroundResponses = false, o => o.AllowBackgroundResponses = true],
        [nameof(ChatOptions.AdditionalProperties)] =
        [
            o => o.AdditionalProperties = [], o => o.AdditionalProperties = new() { ["a"] = 1 }, o => o.AdditionalProperties = new() { ["a"] = "1" },
            o => o.AdditionalProperties = new() { ["b"] = 1 }, o => o.AdditionalProperties = new() { ["a"] = null }, o => o.AdditionalProperties = new() { ["a"] = new[] { 1, 2 } },
        ],
    };

    /// <summary>Members that make a request not cacheable, whatever their value.</summary>
    private static readonly Dictionary<string, Action<ChatOptions>> Refused = new()
    {
        [nameof(ChatOptions.ConversationId)] = o => o.ConversationId = "c",
        [nameof(ChatOptions.ContinuationToken)] = o => o.ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }),
        [nameof(ChatOptions.RawRepresentationFactory)] = o => o.RawRepresentationFactory = _ => null,
    };

    /// <summary>Members left out of the key, each with its reason. None is.</summary>
    private static readonly Dictionary<string, string> Excluded = [];

    [Fact]
    public void Every_member_of_the_options_is_covered_or_excluded_with_a_reason() =>
        typeof(ChatOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name)
            .Where(name => !Changes.ContainsKey(name) && !Refused.ContainsKey(name) && !Excluded.ContainsKey(name)).ShouldBeEmpty();

    [Fact]
    public void Every_change_of_a_member_gives_another_key()
    {
        var seen = new Dictionary<CacheKey, string> { [Key(new ChatOptions())] = "none" };
        foreach (var (name, changes) in Changes)
            for (var i = 0; i < changes.Length; i++)
            {
                var options = new ChatOptions();
                changes[i](options);
                seen.TryAdd(Key(options), $"{name} {i}").ShouldBeTrue($"{name} {i} has the key of {seen.GetValueOrDefault(Key(options))}");
                Key(options.Clone()).ShouldBe(Key(options), name);
            }
    }

    [Fact]
    public void What_the_provider_or_a_callback_adds_is_not_cacheable()
    {
        foreach (var (name, change) in Refused)
        {
            using var builder = new CacheKeyBuilder();
            var options = new ChatOptions();
            change(options);
            builder.TryAddOptions(options).ShouldBeFalse();
            builder.NotCacheableReason!.ShouldContain(name);
            Should.Throw<InvalidOperationException>(() => builder.Build()).Message.ShouldContain(name);
        }
    }

    [Fact]
    public void Tools_and_options_of_unknown_kinds_are_not_cacheable()
    {
        foreach (var options in new[]
                 {
                     new ChatOptions { Tools = [new OwnTool()] }, new ChatOptions { Tools = [new OwnSearch()] }, new ChatOptions { Tools = [new HostedImageGenerationTool()] },
                     new OwnOptions(), new ChatOptions { AdditionalProperties = new() { ["x"] = (Func<int>)(() => 1) } },
                 })
        {
            using var builder = new CacheKeyBuilder();
            builder.TryAddOptions(options).ShouldBeFalse();
        }
    }

    [Fact]
    public void Equal_options_built_differently_have_one_key()
    {
        var one = new ChatOptions { StopSequences = ["a"], Tools = [Tool("f")], AdditionalProperties = new() { ["x"] = 1, ["y"] = "2" } };
        var two = new ChatOptions { AdditionalProperties = new() { ["y"] = "2", ["x"] = 1 }, Tools = new[] { Tool("f") }, StopSequences = new List<string> { "a" } };
        Key(one).ShouldBe(Key(two));
    }

    internal static AITool Tool(string name, string? about = null, string schema = "{}", bool strict = false) => new OwnFunction(name, about ?? "", Json(schema), strict);

    private static HostedMcpServerTool Server(string name = "s", string address = "https://host.example/", Action<HostedMcpServerTool>? change = null)
    {
        var server = new HostedMcpServerTool(name, address);
        change?.Invoke(server);
        return server;
    }

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    private static CacheKey Key(ChatOptions options)
    {
        using var builder = new CacheKeyBuilder();
        builder.TryAddOptions(options).ShouldBeTrue(builder.NotCacheableReason);
        return builder.Build();
    }

    private sealed class OwnFunction(string name, string about, JsonElement schema, bool strict) : AIFunctionDeclaration
    {
        public override string Name => name;

        public override string Description => about;

        public override JsonElement JsonSchema => schema;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
            strict ? new Dictionary<string, object?> { ["strict"] = true } : new Dictionary<string, object?>();
    }

    private sealed class OwnTool : AITool;

    private sealed class OwnSearch : HostedWebSearchTool;

    private sealed class OwnOptions : ChatOptions;
}
