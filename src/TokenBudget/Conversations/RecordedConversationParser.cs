using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Conversations;

/// <summary>Reads one line of a file of recorded conversations. See <see cref="RecordedConversationReader"/> for its form.</summary>
internal static class RecordedConversationParser
{
    /// <summary>Where arguments that are not a JSON object are kept.</summary>
    private const string WholeArguments = "arguments";

    /// <exception cref="JsonException">The line is not JSON.</exception>
    /// <exception cref="FormatException">The line is not a conversation; the message says why.</exception>
    public static RecordedConversation Parse(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw new FormatException("A conversation must be an object.");
        if (!root.TryGetProperty("messages", out var entries) || entries.ValueKind != JsonValueKind.Array)
            throw new FormatException("There is no array 'messages'.");

        var ids = new RecordedCallIds();
        var messages = new List<ChatMessage>(entries.GetArrayLength());
        var position = 0;
        foreach (var entry in entries.EnumerateArray())
        {
            position++;
            try
            {
                messages.Add(ParseMessage(entry, ids));
            }
            catch (FormatException exception)
            {
                throw new FormatException(FormattableString.Invariant($"Message {position}: {exception.Message}"), exception);
            }
        }

        return new RecordedConversation
        {
            Id = OptionalText(root, "id") ?? throw new FormatException("There is no 'id'."),
            Source = OptionalText(root, "source") ?? "",
            Model = OptionalText(root, "model") ?? "",
            Messages = messages,
        };
    }

    private static ChatMessage ParseMessage(JsonElement entry, RecordedCallIds ids)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw new FormatException("a message must be an object.");
        var role = Text(entry, "role") switch
        {
            "system" => ChatRole.System,
            "developer" => new ChatRole("developer"),
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "tool" => ChatRole.Tool,
            var other => throw new FormatException($"'role' is '{other}', but must be system, developer, user, assistant or tool."),
        };
        var text = ParseContent(entry);
        if (role == ChatRole.Tool)
            return new ChatMessage(role, [new FunctionResultContent(ids.OfResult(Text(entry, "tool_call_id")), text)]);

        ids.EndResults();
        var contents = new List<AIContent>();
        // Providers refuse an empty text beside a call, so it is not a content of its own.
        if (text.Length > 0)
            contents.Add(new TextContent(text));
        if (entry.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array)
            foreach (var call in calls.EnumerateArray())
                contents.Add(ParseCall(call, ids));
        return new ChatMessage(role, contents);
    }

    private static string ParseContent(JsonElement entry)
    {
        if (!entry.TryGetProperty("content", out var content))
            return "";
        return content.ValueKind switch
        {
            JsonValueKind.Null => "",
            JsonValueKind.String => Decode(content, "content"),
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(static part =>
                OptionalText(part, "type") == "text" ? Text(part, "text") : throw new FormatException("a part of 'content' is not text."))),
            _ => throw new FormatException("'content' must be a string, an array of text parts, or null."),
        };
    }

    private static FunctionCallContent ParseCall(JsonElement call, RecordedCallIds ids) =>
        new(ids.OfCall(Text(call, "id")), Text(call, "name"), ParseArguments(call));

    private static Dictionary<string, object?> ParseArguments(JsonElement call)
    {
        if (!call.TryGetProperty("arguments", out var arguments) || arguments.ValueKind == JsonValueKind.Null)
            return [];
        var written = arguments.ValueKind == JsonValueKind.String ? Decode(arguments, "arguments") : null;
        var parsed = written is null ? arguments.Clone() : ParseJson(written);
        if (parsed is not { ValueKind: JsonValueKind.Object } whole)
            return new Dictionary<string, object?> { [WholeArguments] = written ?? (object?)parsed };

        var result = new Dictionary<string, object?>();
        foreach (var argument in whole.EnumerateObject())
            result[argument.Name] = argument.Value;
        return result;
    }

    private static JsonElement? ParseJson(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // Models do write arguments that are cut off or not JSON at all; the replay sends them as they were.
            return null;
        }
    }

    private static string Text(JsonElement entry, string field) =>
        OptionalText(entry, field) ?? throw new FormatException($"there is no '{field}'.");

    private static string? OptionalText(JsonElement entry, string field)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        return value.ValueKind == JsonValueKind.String ? Decode(value, field) : throw new FormatException($"'{field}' must be a string.");
    }

    private static string Decode(JsonElement value, string field)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException($"'{field}' is not well-formed text.", exception);
        }
    }
}
