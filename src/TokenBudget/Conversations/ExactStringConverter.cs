using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenBudget.Conversations;

/// <summary>Strings with unpaired surrogates kept, as the escapes JSON has for them; the built-in converter replaces or refuses them.</summary>
internal sealed class ExactStringConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException("A string was expected.");
        return reader.ValueIsEscaped && !reader.HasValueSequence && HasSurrogateEscape(reader.ValueSpan)
            ? Unescape(reader.ValueSpan)
            : reader.GetString();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        if (IndexOfUnpaired(value) < 0)
            writer.WriteStringValue(value);
        else
            writer.WriteRawValue(Escape(value, options.Encoder ?? JavaScriptEncoder.Default), skipInputValidation: true);
    }

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString()!;

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    private static int IndexOfUnpaired(ReadOnlySpan<char> text)
    {
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return i;
            i++;
        }

        return -1;
    }

    private static string Escape(string value, JavaScriptEncoder encoder)
    {
        var json = new StringBuilder(value.Length + 16).Append('"');
        var rest = value;
        for (var unpaired = IndexOfUnpaired(rest); unpaired >= 0; unpaired = IndexOfUnpaired(rest))
        {
            json.Append(encoder.Encode(rest[..unpaired]));
            json.Append(CultureInfo.InvariantCulture, $"\\u{(int)rest[unpaired]:x4}");
            rest = rest[(unpaired + 1)..];
        }

        return json.Append(encoder.Encode(rest)).Append('"').ToString();
    }

    private static bool HasSurrogateEscape(ReadOnlySpan<byte> json) => json.IndexOf("\\ud"u8) >= 0 || json.IndexOf("\\uD"u8) >= 0;

    // The reader has checked that every escape is well formed.
    private static string Unescape(ReadOnlySpan<byte> json)
    {
        var text = new StringBuilder(json.Length);
        for (var backslash = json.IndexOf((byte)'\\'); backslash >= 0; backslash = json.IndexOf((byte)'\\'))
        {
            text.Append(Encoding.UTF8.GetString(json[..backslash]));
            var kind = json[backslash + 1];
            json = json[(backslash + 2)..];
            if (kind != 'u')
            {
                text.Append(Unescape(kind));
                continue;
            }

            if (!Utf8Parser.TryParse(json[..4], out ushort unit, out _, 'x'))
                throw new JsonException("A \\u escape is not followed by four hexadecimal digits.");
            text.Append((char)unit);
            json = json[4..];
        }

        return text.Append(Encoding.UTF8.GetString(json)).ToString();
    }

    private static char Unescape(byte kind) => (char)kind switch
    {
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        var itself => itself,
    };
}
