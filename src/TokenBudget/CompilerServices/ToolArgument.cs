using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace TokenBudget.CompilerServices;

/// <summary>Reads what a model gave for a parameter. Models are free with types: a number may come as text, an object as text that is JSON.</summary>
internal static class ToolArgument
{
    /// <param name="value">What the model gave.</param>
    /// <param name="options">How it is read.</param>
    /// <exception cref="JsonException">It cannot be read as that type.</exception>
    public static T Read<T>(object? value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case T typed:
                return typed;
            case null:
                return default(T) is null ? default! : throw new JsonException($"null is no {typeof(T).Name}.");
            case JsonElement { ValueKind: JsonValueKind.String } element when IsJson(element.GetString()):
                return ReadText<T>(element.GetString()!, element, options);
            case JsonElement element:
                return JsonSerializer.Deserialize(element, TypeInfo<T>(options))!;
            case JsonDocument document:
                return JsonSerializer.Deserialize(document, TypeInfo<T>(options))!;
            case JsonNode node:
                return JsonSerializer.Deserialize(node, TypeInfo<T>(options))!;
            case string text when IsJson(text):
                return ReadText<T>(text, Element(text, options), options);
            default:
                return JsonSerializer.Deserialize(Element(value, options), TypeInfo<T>(options))!;
        }
    }

    /// <summary>Text as the JSON it holds or, where that is not what is wanted, as the text it is.</summary>
    private static T ReadText<T>(string text, JsonElement asText, JsonSerializerOptions options)
    {
        if (typeof(T) != typeof(string))
        {
            try
            {
                return JsonSerializer.Deserialize(text, TypeInfo<T>(options))!;
            }
            catch (JsonException)
            {
                // Then it is text after all.
            }
        }

        return JsonSerializer.Deserialize(asText, TypeInfo<T>(options))!;
    }

    private static bool IsJson(string? text) => text.AsSpan().TrimStart() is [var first, ..] && (char.IsAsciiDigit(first) || first is '{' or '[' or '"' or '-' or 't' or 'f' or 'n');

    private static JsonElement Element(object value, JsonSerializerOptions options) => JsonSerializer.SerializeToElement(value, options.GetTypeInfo(value.GetType()));

    private static JsonTypeInfo<T> TypeInfo<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}
