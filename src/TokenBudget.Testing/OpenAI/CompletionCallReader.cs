using System.Text.Json;
using System.Text.RegularExpressions;

namespace TokenBudget.Testing;

/// <summary>Reads the body of a request. Every fault of shape is a 400 in the words of the real API (inferred from public error reports).</summary>
internal static partial class CompletionCallReader
{
    private const int MaxStops = 4;
    private static readonly string[] Roles = ["system", "assistant", "user", "function", "tool", "developer"];

    public static CompletionCall Read(ReadOnlySpan<byte> utf8, string? deployment)
    {
        JsonElement body;
        try
        {
            body = JsonElement.Parse(utf8);
        }
        catch (JsonException)
        {
            throw OpenAIDialect.Invalid("We could not parse the JSON body of your request. The OpenAI API expects a JSON payload.");
        }

        if (body.ValueKind != JsonValueKind.Object)
            throw OpenAIDialect.Invalid("We could not parse the JSON body of your request. The OpenAI API expects a JSON payload.");

        var model = deployment ?? (WireJson.OptionalString(body, "model") is { Length: > 0 } named ? named : throw OpenAIDialect.Invalid("you must provide a model parameter"));
        var messages = ReadMessages(body);
        var tools = ReadTools(body);
        var stream = WireJson.IsTrue(body, "stream");
        return new CompletionCall
        {
            Body = body,
            Model = model,
            MaxTokens = ReadMaxTokens(body),
            Stream = stream,
            StopSequences = ReadStops(body),
            Messages = messages,
            Tools = tools,
            IncludesUsage = ReadIncludeUsage(body, stream),
            EstimatedTokens = (int)Math.Min(int.MaxValue, (messages.Sum(Characters) + 3) / 4),
            Prompt = CompletionLayout.Of(body, messages),
        };
    }

    private static long Characters(CompletionMessage message) => message.Blocks.Sum(block => block switch
    {
        SimulatedTextBlock text => text.Text.Length,
        SimulatedToolUseBlock call => call.Name.Length + call.InputJson.Length,
        SimulatedToolResultBlock result => result.Text.Length,
        _ => 0L,
    });

    private static int? ReadMaxTokens(JsonElement body)
    {
        var older = ReadCount(body, "max_tokens");
        var newer = ReadCount(body, "max_completion_tokens");
        return older is not null && newer is not null
            ? throw OpenAIDialect.Invalid(
                "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_completion_tokens", "invalid_parameter_combination")
            : newer ?? older;
    }

    private static int? ReadCount(JsonElement body, string name)
    {
        if (WireJson.Optional(body, name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var count))
            throw OpenAIDialect.Invalid($"Invalid type for '{name}': expected an integer, but got {Kind(value)} instead.", name, "invalid_type");
        return count >= 1
            ? count
            : throw OpenAIDialect.Invalid(
                $"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {count} instead.", name, "integer_below_min_value");
    }

    private static bool ReadIncludeUsage(JsonElement body, bool stream)
    {
        if (WireJson.Optional(body, "stream_options") is not { } options)
            return false;
        return stream
            ? WireJson.IsTrue(options, "include_usage")
            : throw OpenAIDialect.Invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
    }

    private static string[] ReadStops(JsonElement body)
    {
        switch (WireJson.Optional(body, "stop"))
        {
            case null:
                return [];
            case { ValueKind: JsonValueKind.String } one:
                return [one.GetString()!];
            case { ValueKind: JsonValueKind.Array } many when many.EnumerateArray().All(stop => stop.ValueKind == JsonValueKind.String):
                return many.GetArrayLength() <= MaxStops
                    ? [.. many.EnumerateArray().Select(stop => stop.GetString()!)]
                    : throw OpenAIDialect.Invalid(
                        $"Invalid 'stop': array too long. Expected an array with maximum length {MaxStops}, but got an array with length {many.GetArrayLength()} instead.",
                        "stop",
                        "array_above_max_length");
            case { } other:
                throw OpenAIDialect.Invalid($"Invalid type for 'stop': expected a string or array of strings, but got {Kind(other)} instead.", "stop", "invalid_type");
        }
    }

    private static List<string> ReadTools(JsonElement body)
    {
        if (WireJson.Optional(body, "tools") is not { } tools)
            return [];
        if (tools.ValueKind != JsonValueKind.Array)
            throw OpenAIDialect.Invalid($"Invalid type for 'tools': expected an array of objects, but got {Kind(tools)} instead.", "tools", "invalid_type");
        if (tools.GetArrayLength() == 0)
            throw OpenAIDialect.Invalid("Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.", "tools", "empty_array");

        var names = new List<string>();
        foreach (var tool in tools.EnumerateArray())
        {
            var path = $"tools[{names.Count}]";
            var name = WireJson.Optional(tool, "function") is { } function ? WireJson.OptionalString(function, "name") : null;
            if (name is null)
                throw OpenAIDialect.Invalid($"Missing required parameter: '{path}.function.name'.", $"{path}.function.name", "missing_required_parameter");
            if (!ToolName().IsMatch(name))
            {
                throw OpenAIDialect.Invalid(
                    $"Invalid '{path}.function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
                    $"{path}.function.name",
                    "invalid_value");
            }

            names.Add(name);
        }

        return names;
    }

    private static List<CompletionMessage> ReadMessages(JsonElement body)
    {
        if (WireJson.Optional(body, "messages") is not { } messages)
            throw OpenAIDialect.Invalid("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
        if (messages.ValueKind != JsonValueKind.Array)
            throw OpenAIDialect.Invalid($"Invalid type for 'messages': expected an array of objects, but got {Kind(messages)} instead.", "messages", "invalid_type");
        if (messages.GetArrayLength() == 0)
        {
            throw OpenAIDialect.Invalid(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", "messages", "empty_array");
        }

        return [.. messages.EnumerateArray().Select((message, index) => ReadMessage(message, $"messages[{index}]"))];
    }

    private static CompletionMessage ReadMessage(JsonElement message, string path)
    {
        var role = WireJson.OptionalString(message, "role")
            ?? throw OpenAIDialect.Invalid($"Missing required parameter: '{path}.role'.", $"{path}.role", "missing_required_parameter");
        if (!Roles.Contains(role))
        {
            throw OpenAIDialect.Invalid(
                $"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.", $"{path}.role", "invalid_value");
        }

        var content = WireJson.Optional(message, "content");
        var calls = WireJson.Optional(message, "tool_calls");
        if (content is null && !(role == "assistant" && (calls is not null || WireJson.Optional(message, "refusal") is not null)))
            throw OpenAIDialect.Invalid("Invalid value for 'content': expected a string, got null.", $"{path}.content");

        var blocks = content is { } value ? ReadContent(value, $"{path}.content") : [];
        if (role == "tool")
        {
            var id = WireJson.OptionalString(message, "tool_call_id")
                ?? throw OpenAIDialect.Invalid($"Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.", $"{path}.tool_call_id");
            blocks = [new SimulatedToolResultBlock(id, string.Concat(blocks.OfType<SimulatedTextBlock>().Select(block => block.Text)), IsError: false)];
        }

        if (calls is { ValueKind: JsonValueKind.Array } list)
            blocks.AddRange(list.EnumerateArray().Select((call, index) => ReadCall(call, $"{path}.tool_calls[{index}]")));
        return new CompletionMessage(role, blocks);
    }

    private static List<SimulatedBlock> ReadContent(JsonElement content, string path)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                return content.GetString() is { Length: > 0 } text ? [new SimulatedTextBlock(text)] : [];
            case JsonValueKind.Array:
                return [.. content.EnumerateArray().Select((part, index) => ReadPart(part, $"{path}[{index}]"))];
            default:
                throw OpenAIDialect.Invalid($"Invalid type for '{path}': expected one of a string or array of objects, but got {Kind(content)} instead.", path, "invalid_type");
        }
    }

    private static SimulatedBlock ReadPart(JsonElement part, string path)
    {
        var type = WireJson.OptionalString(part, "type")
            ?? throw OpenAIDialect.Invalid($"Missing required parameter: '{path}.type'.", $"{path}.type", "missing_required_parameter");
        if (type is not ("text" or "refusal"))
            return new SimulatedOtherBlock(type, part);
        return new SimulatedTextBlock(WireJson.OptionalString(part, type)
            ?? throw OpenAIDialect.Invalid($"Missing required parameter: '{path}.{type}'.", $"{path}.{type}", "missing_required_parameter"));
    }

    private static SimulatedToolUseBlock ReadCall(JsonElement call, string path)
    {
        var function = WireJson.Optional(call, "function")
            ?? throw OpenAIDialect.Invalid($"Missing required parameter: '{path}.function'.", $"{path}.function", "missing_required_parameter");
        return new SimulatedToolUseBlock(
            Required(call, "id", path),
            Required(function, "name", $"{path}.function"),
            Required(function, "arguments", $"{path}.function"));
    }

    private static string Required(JsonElement owner, string name, string path) => WireJson.OptionalString(owner, name)
        ?? throw OpenAIDialect.Invalid($"Missing required parameter: '{path}.{name}'.", $"{path}.{name}", "missing_required_parameter");

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "an integer" : "a decimal number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    [GeneratedRegex("^[a-zA-Z0-9_-]+$")]
    private static partial Regex ToolName();
}
