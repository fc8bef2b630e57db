using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>Reads the body of a request. Every fault of shape is a 400 in the words of the real API (inferred from public error reports).</summary>
internal static class MessagesCallReader
{
    public static MessagesCall Read(ReadOnlySpan<byte> utf8)
    {
        JsonElement body;
        try
        {
            body = JsonElement.Parse(utf8);
        }
        catch (JsonException error)
        {
            throw AnthropicDialect.Invalid($"The request body is not valid JSON: {error.Message}");
        }

        if (body.ValueKind != JsonValueKind.Object)
            throw AnthropicDialect.Invalid("The request body is not a JSON object");

        var messages = ReadMessages(body);
        // A marker on the request itself stands for one on the last block (documented as automatic caching).
        if (WireBlockReader.Lifetime(body, "cache_control") is { } lifetime && messages is [.., { Blocks: [.., { Lifetime: null } last] blocks }])
            blocks[^1] = last with { Lifetime = lifetime };

        var model = RequiredString(body, "model");
        var maxTokens = ReadMaxTokens(body);
        var tools = ReadTools(body);
        var system = WireJson.Optional(body, "system") is { } blocksOrText ? WireBlockReader.ReadAll(blocksOrText, "system") : [];
        return new MessagesCall
        {
            Body = body,
            Model = model,
            MaxTokens = maxTokens,
            Stream = WireJson.IsTrue(body, "stream"),
            StopSequences = Strings(body, "stop_sequences"),
            Tools = tools,
            System = system,
            Messages = messages,
            Prompt = PromptLayout.Of(body, tools, system, messages),
        };
    }

    private static int ReadMaxTokens(JsonElement body)
    {
        if (!body.TryGetProperty("max_tokens", out var value))
            throw AnthropicDialect.Invalid("max_tokens: Field required");
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var tokens))
            throw AnthropicDialect.Invalid("max_tokens: Input should be a valid integer");
        return tokens > 0 ? tokens : throw AnthropicDialect.Invalid("max_tokens: must be greater than or equal to 1");
    }

    private static WireBlock[] ReadTools(JsonElement body)
    {
        if (!body.TryGetProperty("tools", out var tools) || tools.ValueKind == JsonValueKind.Null)
            return [];
        if (tools.ValueKind != JsonValueKind.Array)
            throw AnthropicDialect.Invalid("tools: Input should be a valid list");
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
            throw AnthropicDialect.Invalid("messages: Field required");
        if (messages.ValueKind != JsonValueKind.Array)
            throw AnthropicDialect.Invalid("messages: Input should be a valid list");

        var read = new List<WireMessage>();
        var index = 0;
        var count = messages.GetArrayLength();
        foreach (var message in messages.EnumerateArray())
        {
            var role = ReadRole(message, index);
            if (!message.TryGetProperty("content", out var content))
                throw AnthropicDialect.Invalid($"messages.{index}.content: Field required");
            var blocks = WireBlockReader.ReadAll(content, $"messages.{index}.content");
            if (blocks.Count == 0 && !(role == "assistant" && index == count - 1))
            {
                throw AnthropicDialect.Invalid(
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
            : throw AnthropicDialect.Invalid($"messages.{index}.role: Input should be 'user' or 'assistant'");
    }

    private static string RequiredString(JsonElement owner, string name, string path = "") =>
        WireJson.OptionalString(owner, name) is { Length: > 0 } value ? value : throw AnthropicDialect.Invalid($"{path}{name}: Field required");

    private static string[] Strings(JsonElement body, string name) =>
        body.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
            : [];
}
