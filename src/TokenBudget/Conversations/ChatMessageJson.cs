using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace TokenBudget.Conversations;

/// <summary>The stored form of a message: JSON from which the same message comes back. For implementations of <see cref="IConversationStore"/>.</summary>
/// <remarks>
/// <para>
/// The format is that of <see cref="AIJsonUtilities.DefaultOptions"/>, made exact where it matters: what a provider is sent after a
/// reload must be, character for character, what it was sent before, or its prompt cache misses. So text keeps unpaired surrogates
/// and NUL (as JSON escapes: the JSON itself contains neither), a tool result that was a <see cref="string"/> is one again, and
/// one that was a <see cref="JsonElement"/> or <see cref="AIContent"/> is that. Other objects come back as <see cref="JsonElement"/>.
/// </para>
/// <para>Not kept: raw representations, exceptions of tool results, and unpaired surrogates in property names (replaced by U+FFFD).</para>
/// <para>Thread-safe.</para>
/// </remarks>
public static class ChatMessageJson
{
    private static readonly JsonSerializerOptions Options = CreateOptions();
    private static readonly JsonTypeInfo<ChatMessage> TypeInfo = (JsonTypeInfo<ChatMessage>)Options.GetTypeInfo(typeof(ChatMessage));

    /// <summary>Writes a message as one JSON object without line breaks of its own.</summary>
    /// <param name="message">The message; not changed.</param>
    /// <exception cref="NotSupportedException">
    /// A content, argument or result is of a type that <see cref="AIJsonUtilities.DefaultOptions"/> does not know.
    /// </exception>
    public static string Write(ChatMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return JsonSerializer.Serialize(message, TypeInfo);
    }

    /// <summary>Writes a text as a JSON string, as exactly as those in messages.</summary>
    internal static string WriteText(string text) => JsonSerializer.Serialize(text, (JsonTypeInfo<string>)Options.GetTypeInfo(typeof(string)));

    /// <summary>Reads what <see cref="WriteText"/> wrote.</summary>
    /// <exception cref="JsonException">This is no string.</exception>
    internal static string ReadText(JsonElement text) =>
        text.Deserialize((JsonTypeInfo<string>)Options.GetTypeInfo(typeof(string))) ?? throw new JsonException("A string was expected.");

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The JSON object.</param>
    /// <returns>A message of the caller's own.</returns>
    /// <exception cref="JsonException">This is not the JSON of a message.</exception>
    public static ChatMessage Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return JsonSerializer.Deserialize(json, TypeInfo) ?? throw new JsonException("A stored message is null.");
    }

    /// <summary>The same of the bytes a store has.</summary>
    /// <param name="utf8Json">The JSON object.</param>
    /// <returns>A message of the caller's own.</returns>
    /// <exception cref="JsonException">This is not the JSON of a message.</exception>
    public static ChatMessage Read(ReadOnlySpan<byte> utf8Json) =>
        PlainMessageJson.TryRead(utf8Json) ?? JsonSerializer.Deserialize(utf8Json, TypeInfo) ?? throw new JsonException("A stored message is null.");

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions)
        {
            WriteIndented = false,
            Converters = { new ExactStringConverter(), new RawElementConverter(), new ExactObjectConverter() },
        };
        options.MakeReadOnly();
        return options;
    }
}
