using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>
/// JSON without whitespace and without cache markers. The order of keys is kept: to the real cache another order is another prompt
/// (documented).
/// </summary>
internal static class CanonicalJson
{
    private const string Marker = "cache_control";

    // Unescaped, so that a text in JSON costs what it costs outside of it.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A value as it is, whatever its keys are called.</summary>
    public static ReadOnlySpan<byte> Write(JsonElement json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            json.WriteTo(writer);
        return buffer.WrittenSpan;
    }

    /// <summary>A content block or tool without its <c>cache_control</c>, nor those of the blocks inside a tool result.</summary>
    public static ReadOnlySpan<byte> WriteBlock(JsonElement block)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            WriteBlock(block, writer);
        return buffer.WrittenSpan;
    }

    private static void WriteBlock(JsonElement block, Utf8JsonWriter writer)
    {
        if (block.ValueKind != JsonValueKind.Object)
        {
            block.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        foreach (var property in block.EnumerateObject())
        {
            if (property.NameEquals(Marker))
                continue;
            writer.WritePropertyName(property.Name);
            if (property.NameEquals("content") && property.Value.ValueKind == JsonValueKind.Array)
            {
                writer.WriteStartArray();
                foreach (var inner in property.Value.EnumerateArray())
                    WriteBlock(inner, writer);
                writer.WriteEndArray();
            }
            else
            {
                property.Value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
