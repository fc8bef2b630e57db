using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace TokenBudget.Caching;

/// <summary>
/// An answer as it is kept in memory: it shares nothing with whoever made it and is the same as one found in the second level. Never changed. Answers of plain text are copied; all
/// others are read from their JSON.
/// </summary>
internal sealed class StoredAnswer
{
    // What a JSON element takes besides its text: the box, the document and its arrays, one of which has 12 bytes for each token.
    private const int ElementBytes = 232;
    private const int ElementBytesPerByte = 3;

    private readonly ChatResponse? _answer;

    /// <summary>Of an answer that has parts we cannot copy, its JSON, read anew for each caller.</summary>
    private readonly byte[]? _json;

    private StoredAnswer(byte[] json)
    {
        _json = json;
        Bytes = json.Length;
    }

    private StoredAnswer(ChatResponse answer)
    {
        _answer = AnswerCopy.Of(answer);
        // Measured at a second copy, which decodes nothing: how large lists and dictionaries are is the runtime's affair.
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = AnswerCopy.Of(_answer);
        Bytes = GC.GetAllocatedBytesForCurrentThread() - before + ConstantsOf(_answer);
    }

    /// <summary>What it takes in memory.</summary>
    public long Bytes { get; }

    /// <summary>Reads an answer; <see langword="null"/> when the bytes are not one.</summary>
    public static StoredAnswer? TryRead(byte[] json) =>
        ResponsePayload.TryRead(json) is { } answer ? AnswerCopy.IsKnown(answer) ? new StoredAnswer(answer) : new StoredAnswer(json) : null;

    /// <summary>Makes it of an answer; <see langword="null"/> when that does not serialize.</summary>
    /// <param name="answer">The answer; only read.</param>
    /// <param name="json">Its JSON, if that was needed.</param>
    public static StoredAnswer? TryMake(ChatResponse answer, out byte[]? json)
    {
        json = null;
        if (AnswerCopy.IsPlain(answer))
            return new StoredAnswer(answer);
        json = ResponsePayload.TryWrite(answer);
        return json is null ? null : TryRead(json);
    }

    /// <summary>A new object, the caller's own; <see langword="null"/> when it does not read any more.</summary>
    public ChatResponse? TryCopy() => _answer is null ? ResponsePayload.TryRead(_json) : AnswerCopy.Of(_answer);

    /// <summary>What copies share.</summary>
    private static long ConstantsOf(ChatResponse answer)
    {
        var bytes = BytesOf(answer.ResponseId) + BytesOf(answer.ModelId) + BytesOf(answer.FinishReason?.Value) + BytesOf(answer.AdditionalProperties);
        foreach (var message in answer.Messages)
        {
            bytes += BytesOf(message.Role.Value) + BytesOf(message.AuthorName) + BytesOf(message.MessageId) + BytesOf(message.AdditionalProperties);
            foreach (var content in message.Contents)
                bytes += BytesOf(content.AdditionalProperties) + content switch
                {
                    TextContent text => BytesOf(text.Text),
                    TextReasoningContent reasoning => BytesOf(reasoning.Text) + BytesOf(reasoning.ProtectedData),
                    FunctionCallContent call => BytesOf(call.CallId) + BytesOf(call.Name) + BytesOf(call.Arguments),
                    FunctionResultContent result => BytesOf(result.CallId) + BytesOf(result.Result),
                    DataContent data => data.Data.Length + BytesOf(data.MediaType) + BytesOf(data.Name),
                    UriContent uri => (2 * BytesOf(uri.Uri.OriginalString)) + BytesOf(uri.MediaType),
                    _ => 0,
                };
        }

        return bytes;
    }

    private static long BytesOf(IEnumerable<KeyValuePair<string, object?>>? properties) => properties?.Sum(static property => BytesOf(property.Key) + BytesOf(property.Value)) ?? 0;

    private static long BytesOf(object? value) => value is JsonElement element
        ? ElementBytes + (ElementBytesPerByte * (long)JsonMarshal.GetRawUtf8Value(element).Length)
        : BytesOf(value as string);

    // The header, the length and the end, in eights.
    private static long BytesOf(string? text) => text is null ? 0 : (22 + (sizeof(char) * (long)text.Length) + 7) & ~7;
}
