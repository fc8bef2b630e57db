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
                throw RequestRejectedException.Invalid($"{path}: Input should be a valid string or list");
        }
    }

    public static string? OptionalString(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>The lifetime a <c>cache_control</c> asks for: 5 minutes unless it says <c>1h</c> (documented).</summary>
    public static TimeSpan? Lifetime(JsonElement owner, string path)
    {
        if (!owner.TryGetProperty("cache_control", out var marker) || marker.ValueKind == JsonValueKind.Null)
            return null;
        if (OptionalString(marker, "type") != "ephemeral")
            throw RequestRejectedException.Invalid($"{path}.type: Input should be 'ephemeral'");
        return OptionalString(marker, "ttl") switch
        {
            null or "5m" => PromptCache.FiveMinutes,
            "1h" => PromptCache.OneHour,
            _ => throw RequestRejectedException.Invalid($"{path}.ttl: Input should be '5m' or '1h'"),
        };
    }

    private static WireBlock Read(JsonElement json, string path)
    {
        var type = OptionalString(json, "type") ?? throw RequestRejectedException.Invalid($"{path}.type: Field required");
        var block = new WireBlock { Path = path, Type = type, Json = json, Lifetime = Lifetime(json, $"{path}.cache_control") };
        switch (type)
        {
            case "text":
                return block with { Text = OptionalString(json, "text") ?? throw RequestRejectedException.Invalid($"{path}.text: Field required") };
            case "tool_use":
                foreach (var name in (ReadOnlySpan<string>)["id", "name", "input"])
                    _ = json.TryGetProperty(name, out _) ? true : throw RequestRejectedException.Invalid($"{path}.tool_use.{name}: Field required");
                return block with { ToolUseId = OptionalString(json, "id") };
            case "tool_result":
                var id = OptionalString(json, "tool_use_id")
                    ?? throw RequestRejectedException.Invalid($"{path}.tool_result.tool_use_id: Field required");
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
