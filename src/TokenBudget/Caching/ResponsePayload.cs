using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>An answer as UTF-8 JSON. Reading it gives a new object every time.</summary>
public static class ResponsePayload
{
    /// <summary>Writes an answer, without what belongs to one caller alone; <see langword="null"/> when it does not serialize.</summary>
    /// <param name="response">The answer; only read.</param>
    public static byte[]? TryWrite(ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        try
        {
            var buffer = new ArrayBufferWriter<byte>();
            // The writer, not the options, decides on whitespace, and these options indent.
            using var writer = new Utf8JsonWriter(buffer);
            JsonSerializer.Serialize(writer, Shareable(response), TypeInfo<ChatResponse>());
            return buffer.WrittenSpan.ToArray();
        }
        // Contents and properties are the provider's and the user's own types, whose converters and getters may throw anything.
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>Reads an answer; <see langword="null"/> when the bytes are not one.</summary>
    /// <param name="payload">What <see cref="TryWrite"/> wrote.</param>
    public static ChatResponse? TryRead(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, TypeInfo<ChatResponse>());
        }
        // Damaged bytes make converters throw more than JsonException: FormatException, ArgumentException, …
        catch (Exception)
        {
            return null;
        }
    }

    /// <summary>
    /// The same answer in new outer objects, without what belongs to one caller alone: a conversation the provider keeps would be continued by everybody
    /// who got the answer, each reading the others' turns.
    /// </summary>
    internal static ChatResponse Shareable(ChatResponse response) => new()
    {
        Messages = [.. response.Messages.Select(Copy)],
        ResponseId = response.ResponseId,
        ModelId = response.ModelId,
        CreatedAt = response.CreatedAt,
        FinishReason = response.FinishReason,
        Usage = response.Usage,
        AdditionalProperties = response.AdditionalProperties,
    };

    internal static JsonTypeInfo<T> TypeInfo<T>() => (JsonTypeInfo<T>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T));

    private static ChatMessage Copy(ChatMessage message)
    {
        var copy = message.Clone();
        copy.Contents = [.. message.Contents];
        return copy;
    }
}
