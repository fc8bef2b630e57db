using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Conversations;

/// <summary>Reads what nearly all stored messages are, a role and texts, without the serializer, which looks for every property and kind of content there may be.</summary>
internal static class PlainMessageJson
{
    /// <summary>The message; <see langword="null"/> for one that has anything else, or is none: the serializer knows.</summary>
    public static ChatMessage? TryRead(ReadOnlySpan<byte> utf8Json)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8Json);
            return Next(ref reader, JsonTokenType.StartObject)
                && NextName(ref reader, "role"u8) && Next(ref reader, JsonTokenType.String) && RoleOf(ref reader) is { } role
                && NextName(ref reader, "contents"u8) && Next(ref reader, JsonTokenType.StartArray) && TextsOf(ref reader) is { } texts
                && Next(ref reader, JsonTokenType.EndObject) && !reader.Read()
                ? new ChatMessage(role, texts)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or no UTF-8: said again by the serializer, in its words.
            return null;
        }
    }

    private static ChatRole? RoleOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("user"u8) ? ChatRole.User
        : reader.ValueTextEquals("assistant"u8) ? ChatRole.Assistant
        : reader.ValueTextEquals("system"u8) ? ChatRole.System
        : null;

    private static List<AIContent>? TextsOf(ref Utf8JsonReader reader)
    {
        var texts = new List<AIContent>(1);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndArray)
                return texts;
            if (reader.TokenType != JsonTokenType.StartObject
                || !NextName(ref reader, "$type"u8) || !Next(ref reader, JsonTokenType.String) || !reader.ValueTextEquals("text"u8)
                || !NextName(ref reader, "text"u8) || !Next(ref reader, JsonTokenType.String)
                // An escape may be half of a letter, which only the exact reader keeps.
                || (reader.ValueIsEscaped && reader.ValueSpan.IndexOf("\\u"u8) >= 0))
                return null;
            texts.Add(new TextContent(reader.GetString()));
            if (!Next(ref reader, JsonTokenType.EndObject))
                return null;
        }

        return null;
    }

    private static bool Next(ref Utf8JsonReader reader, JsonTokenType type) => reader.Read() && reader.TokenType == type;

    private static bool NextName(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => Next(ref reader, JsonTokenType.PropertyName) && reader.ValueTextEquals(name);
}
