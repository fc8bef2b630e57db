using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace TokenBudget.Conversations;

/// <summary>
/// Values typed <see cref="object"/> (arguments, results, additional properties). A plain JSON string is a <see cref="string"/>; what else
/// is sent to a provider in a form of its own is a string that starts with a mark: U+FFFF, which is no character, and a letter.
/// </summary>
internal sealed class ExactObjectConverter : JsonConverter<object>
{
    private const char Mark = '\uFFFF';
    private const char MarkedText = 't';
    private const char MarkedElement = 'j';
    private const char MarkedContent = 'c';
    private const char MarkedContents = 'l';

    public override object? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
            return JsonElement.ParseValue(ref reader);

        var text = JsonSerializer.Deserialize(ref reader, TypeInfo<string>(options))!;
        if (text.Length < 2 || text[0] != Mark)
            return text;

        var rest = text[2..];
        return text[1] switch
        {
            MarkedText => rest,
            MarkedElement => JsonElement.Parse(rest),
            MarkedContent => JsonSerializer.Deserialize(rest, TypeInfo<AIContent>(options)),
            MarkedContents => JsonSerializer.Deserialize(rest, TypeInfo<IList<AIContent>>(options)),
            _ => throw new JsonException($"A stored value has the unknown mark '{text[1]}'."),
        };
    }

    public override void Write(Utf8JsonWriter writer, object value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case string text:
                WriteText(writer, text is [Mark, ..] ? Marked(MarkedText, text) : text, options);
                break;
            case JsonElement { ValueKind: JsonValueKind.String } element:
                WriteText(writer, Marked(MarkedElement, element.GetRawText()), options);
                break;
            case AIContent content:
                WriteText(writer, Marked(MarkedContent, JsonSerializer.Serialize(content, TypeInfo<AIContent>(options))), options);
                break;
            case IEnumerable<AIContent> contents:
                WriteText(writer, Marked(MarkedContents, JsonSerializer.Serialize([.. contents], TypeInfo<IList<AIContent>>(options))), options);
                break;
            default:
                // Exactly object has nothing to write, and asking for its converter would come back here.
                if (value.GetType() == typeof(object))
                    writer.WriteRawValue("{}"u8, skipInputValidation: true);
                else
                    JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));
                break;
        }
    }

    private static string Marked(char letter, string text) => $"{Mark}{letter}{text}";

    private static void WriteText(Utf8JsonWriter writer, string text, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, text, TypeInfo<string>(options));

    private static JsonTypeInfo<T> TypeInfo<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}
