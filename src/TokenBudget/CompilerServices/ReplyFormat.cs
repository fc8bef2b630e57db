using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Caching;

namespace TokenBudget.CompilerServices;

/// <summary>The reply formats generated code chooses from.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ReplyFormat
{
    /// <summary>The response itself.</summary>
    public static ReplyFormat<ChatResponse> Response { get; } = new ResponseReply();

    /// <summary>The text of the answer; what the model says before its tools have run is not part of it.</summary>
    public static ReplyFormat<string> Text { get; } = new TextReply();

    /// <summary>One of an enum's names, in any case; surrounding quotes, spaces and a final full stop are forgiven.</summary>
    /// <typeparam name="TEnum">The enum.</typeparam>
    public static ReplyFormat<TEnum> Enum<TEnum>()
        where TEnum : struct, Enum => EnumReply<TEnum>.Instance;

    /// <summary>JSON of a type; the provider is asked for the type's schema, which is made by reflection.</summary>
    /// <typeparam name="T">The type.</typeparam>
    public static ReplyFormat<T> Json<T>() => new JsonReply<T>(schema: null, UsualJson.Options);

    /// <summary>JSON of a type; the provider is asked for the type's schema.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="schema">The schema, as the build wrote it.</param>
    public static ReplyFormat<T> Json<T>(string schema) => new JsonReply<T>(schema, UsualJson.Options);

    /// <summary>JSON of a type, read by what the user names; the provider is asked for the type's schema.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="json">How it is read.</param>
    /// <param name="schema">The schema, as the build wrote it; none, one is made of the type.</param>
    public static ReplyFormat<T> Json<T>(JsonSerializerOptions json, string? schema = null) => new JsonReply<T>(schema, json);

    private sealed class ResponseReply : ReplyFormat<ChatResponse>
    {
        internal override ChatResponse Read(ChatResponse response) => response;

        internal override ChatResponse Write(ChatResponse result) => result;
    }

    private sealed class TextReply : ReplyFormat<string>
    {
        internal override string Read(ChatResponse response) => AnswerOf(response);

        internal override ChatResponse Write(string result) => FromText(result);
    }

    private sealed class EnumReply<TEnum> : ReplyFormat<TEnum>
        where TEnum : struct, Enum
    {
        internal static readonly EnumReply<TEnum> Instance = new();

        internal override TEnum Read(ChatResponse response)
        {
            var answer = AnswerOf(response);
            var text = answer.AsSpan().Trim(" \t\r\n\"'`.");
            // By name alone: Enum.TryParse would also read numbers, and take a list of names for the value of their sum.
            foreach (var value in System.Enum.GetValues<TEnum>())
                if (text.Equals(value.ToString(), StringComparison.OrdinalIgnoreCase))
                    return value;
            throw new UnreadableReplyException(answer, $"one of {string.Join(", ", System.Enum.GetNames<TEnum>())}");
        }

        internal override ChatResponse Write(TEnum result) => FromText(result.ToString());
    }

    private sealed class JsonReply<T>(string? schema, JsonSerializerOptions options) : ReplyFormat<T>
    {
        private ChatResponseFormat? _responseFormat;

        // Made at the first call: a type that has no schema must fail its own method, not the class it is a field of.
        internal override ChatResponseFormat? ResponseFormat => _responseFormat ??= schema is null ? ChatResponseFormat.ForJsonSchema<T>(options) : Parse(schema);

        internal override T Read(ChatResponse response)
        {
            var answer = AnswerOf(response);
            try
            {
                return JsonSerializer.Deserialize(answer, (System.Text.Json.Serialization.Metadata.JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)))
                    ?? throw new UnreadableReplyException(answer, $"JSON of {typeof(T).Name}");
            }
            catch (JsonException exception)
            {
                throw new UnreadableReplyException(answer, $"JSON of {typeof(T).Name}", exception);
            }
        }

        private static ChatResponseFormat Parse(string schema)
        {
            var element = JsonElement.Parse(schema);
            var description = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("description", out var text) ? text.GetString() : null;
            return ChatResponseFormat.ForJsonSchema(element, typeof(T).Name.Replace('`', '_').Replace("[]", "_Array", StringComparison.Ordinal), description);
        }

        internal override ChatResponse Write(T result) =>
            FromText(JsonSerializer.Serialize(result, options.GetTypeInfo(typeof(T))));
    }

    private static string AnswerOf(ChatResponse response)
    {
        var messages = response.Messages;
        for (var index = messages.Count - 1; index >= 0; index--)
            if (messages[index].Role == ChatRole.Tool)
                return new ChatResponse([.. messages.Skip(index + 1)]).Text;
        return response.Text;
    }

    private static ChatResponse FromText(string text) =>
        new(new ChatMessage(ChatRole.Assistant, text)) { FinishReason = ChatFinishReason.Stop };
}
