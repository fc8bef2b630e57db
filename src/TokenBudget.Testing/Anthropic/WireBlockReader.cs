using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>Reads content: a plain string, or a list of blocks.</summary>
internal static class WireBlockReader
{
    public static List<WireBlock> ReadAll(JsonElement content, string path)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                var text = content.GetString()!;
                return text.Length == 0 ? [] : [new WireBlock { Path = path, Type = "text", Text = text }];
            case JsonValueKind.Array:
                return [.. content.EnumerateArray().Select((block, index) => Read(block, $"{path}.{index}"))];
            default:
                throw AnthropicDialect.Invalid($"{path}: Input should be a valid string or list");
        }
    }

    /// <summary>The lifetime a <c>cache_control</c> asks for: 5 minutes unless it says <c>1h</c> (documented).</summary>
    public static TimeSpan? Lifetime(JsonElement owner, string path)
    {
        if (!owner.TryGetProperty("cache_control", out var marker) || marker.ValueKind == JsonValueKind.Null)
            return null;
        if (WireJson.OptionalString(marker, "type") != "ephemeral")
            throw AnthropicDialect.Invalid($"{path}.type: Input should be 'ephemeral'");
        return WireJson.OptionalString(marker, "ttl") switch
        {
            null or "5m" => PromptCache.FiveMinutes,
            "1h" => PromptCache.OneHour,
            _ => throw AnthropicDialect.Invalid($"{path}.ttl: Input should be '5m' or '1h'"),
        };
    }

    private static WireBlock Read(JsonElement json, string path)
    {
        var type = WireJson.OptionalString(json, "type") ?? throw AnthropicDialect.Invalid($"{path}.type: Field required");
        var block = new WireBlock { Path = path, Type = type, Json = json, Lifetime = Lifetime(json, $"{path}.cache_control") };
        switch (type)
        {
            case "text":
                return block with { Text = WireJson.OptionalString(json, "text") ?? throw AnthropicDialect.Invalid($"{path}.text: Field required") };
            case "tool_use":
                foreach (var name in (ReadOnlySpan<string>)["id", "name", "input"])
                    _ = json.TryGetProperty(name, out _) ? true : throw AnthropicDialect.Invalid($"{path}.tool_use.{name}: Field required");
                return block with { ToolUseId = WireJson.OptionalString(json, "id") };
            case "tool_result":
                var id = WireJson.OptionalString(json, "tool_use_id")
                    ?? throw AnthropicDialect.Invalid($"{path}.tool_result.tool_use_id: Field required");
                var inner = json.TryGetProperty("content", out var content) && content.ValueKind != JsonValueKind.Null
                    ? ReadAll(content, $"{path}.content")
                    : [];
                var innerLifetime = inner.LastOrDefault(part => part.Lifetime is not null)?.Lifetime;
                return block with { ToolUseId = id, Inner = inner, Lifetime = block.Lifetime ?? innerLifetime };
            default:
                return block;
        }
    }
}
