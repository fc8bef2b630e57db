using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>Reads the body of a request. Every fault of shape is a 400 in the words of the real API (inferred from public error reports).</summary>
internal static class WireRequestReader
{
    public static WireRequest Read(ReadOnlySpan<byte> utf8)
    {
        JsonElement body;
        try
        {
            body = JsonElement.Parse(utf8);
        }
        catch (JsonException error)
        {
            throw RequestRejectedException.Invalid($"The request body is not valid JSON: {error.Message}");
        }

        if (body.ValueKind != JsonValueKind.Object)
            throw RequestRejectedException.Invalid("The request body is not a JSON object");

        var messages = ReadMessages(body);
        // A marker on the request itself stands for one on the last block (documented as automatic caching).
        if (WireBlockReader.Lifetime(body, "cache_control") is { } lifetime && messages is [.., { Blocks: [.., { Lifetime: null } last] blocks }])
            blocks[^1] = last with { Lifetime = lifetime };

        return new WireRequest
        {
            Body = body,
            Model = RequiredString(body, "model"),
            MaxTokens = ReadMaxTokens(body),
            Stream = body.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True,
            StopSequences = Strings(body, "stop_sequences"),
            Tools = ReadTools(body),
            System = body.TryGetProperty("system", out var system) && system.ValueKind != JsonValueKind.Null ? WireBlockReader.ReadAll(system, "system") : [],
            Messages = messages,
        };
    }

    private static int ReadMaxTokens(JsonElement body)
    {
        if (!body.TryGetProperty("max_tokens", out var value))
            throw RequestRejectedException.Invalid("max_tokens: Field required");
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var tokens))
            throw RequestRejectedException.Invalid("max_tokens: Input should be a valid integer");
        return tokens > 0 ? tokens : throw RequestRejectedException.Invalid("max_tokens: must be greater than or equal to 1");
    }

    private static WireBlock[] ReadTools(JsonElement body)
    {
        if (!body.TryGetProperty("tools", out var tools) || tools.ValueKind == JsonValueKind.Null)
            return [];
        if (tools.ValueKind != JsonValueKind.Array)
            throw RequestRejectedException.Invalid("tools: Input should be a valid list");
        return [.. tools.EnumerateArray().Select((tool, index) => new WireBlock
        {
            Path = $"tools.{index}",
            Type = "tool",
            Text = RequiredString(tool, "name", $"tools.{index}."),
            Json = tool,
            Lifetime = WireBlockReader.Lifetime(tool, $"tools.{index}.cache_control"),
        })];
    }

    private static List<WireMessage> ReadMessages(JsonElement body)
    {
        if (!body.TryGetProperty("messages", out var messages))
            throw RequestRejectedException.Invalid("messages: Field required");
        if (messages.ValueKind != JsonValueKind.Array)
            throw RequestRejectedException.Invalid("messages: Input should be a valid list");

        var read = new List<WireMessage>();
        var index = 0;
        var count = messages.GetArrayLength();
        foreach (var message in messages.EnumerateArray())
        {
            var role = ReadRole(message, index);
            if (!message.TryGetProperty("content", out var content))
                throw RequestRejectedException.Invalid($"messages.{index}.content: Field required");
            var blocks = WireBlockReader.ReadAll(content, $"messages.{index}.content");
            if (blocks.Count == 0 && !(role == "assistant" && index == count - 1))
            {
                throw RequestRejectedException.Invalid(
                    $"messages.{index}: all messages must have non-empty content except for the optional final assistant message");
            }

            if (read.Count > 0 && read[^1].Role == role)
                read[^1].Blocks.AddRange(blocks);
            else
                read.Add(new WireMessage(role, index, blocks));
            index++;
        }

        return read;
    }

    private static string ReadRole(JsonElement message, int index)
    {
        var role = RequiredString(message, "role", $"messages.{index}.");
        return role is "user" or "assistant" or "system"
            ? role
            : throw RequestRejectedException.Invalid($"messages.{index}.role: Input should be 'user' or 'assistant'");
    }

    private static string RequiredString(JsonElement owner, string name, string path = "") =>
        WireBlockReader.OptionalString(owner, name) is { Length: > 0 } value ? value : throw RequestRejectedException.Invalid($"{path}{name}: Field required");

    private static string[] Strings(JsonElement body, string name) =>
        body.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];
}
