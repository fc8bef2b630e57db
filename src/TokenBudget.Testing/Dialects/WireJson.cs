using System.Buffers;
using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>Writes and reads small pieces of JSON, the same for every dialect.</summary>
internal static class WireJson
{
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>A member that is text; <see langword="null"/> when it is missing or something else.</summary>
    public static string? OptionalString(JsonElement owner, string name) => Optional(owner, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A member; <see langword="null"/> when it is missing or <c>null</c>.</summary>
    public static JsonElement? Optional(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static bool IsTrue(JsonElement owner, string name) => Optional(owner, name) is { ValueKind: JsonValueKind.True };
}
