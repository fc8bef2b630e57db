using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>A completion as server-sent chunks, in the documented order, up to <c>[DONE]</c>.</summary>
/// <remarks>Not thread-safe: one for each stream.</remarks>
internal sealed class CompletionStream(string id, OutgoingReply reply, SimulatedStreamUsage usageStyle)
{
    private int _produced;

    public static StreamFrame Data(ReadOnlyMemory<byte> json, int tokens = 0) => new((byte[])[.. "data: "u8, .. json.Span, .. "\n\n"u8], tokens);

    public IEnumerable<StreamFrame> Frames()
    {
        var whole = reply.Reply;
        var hasText = whole.Blocks.Any(block => block.Call is null);
        yield return Chunk(whole.ReasoningTokens, null, writer =>
        {
            writer.WriteString("role", "assistant");
            writer.WriteString("content", hasText || whole.Blocks.Count == 0 ? "" : null);
            writer.WriteNull("refusal");
        });

        var calls = 0;
        for (var index = 0; index < whole.Blocks.Count; index++)
        {
            foreach (var frame in whole.Blocks[index].Call is { } call ? Call(index, call, calls++) : Text(index))
                yield return frame;
        }

        yield return Chunk(whole.UnspokenTokens, CompletionJson.FinishReason(whole.StopReason), _ => { });
        if (usageStyle == SimulatedStreamUsage.FinalChunk && ((CompletionCall)reply.Call).IncludesUsage && reply.ReportsUsage)
        {
            yield return Data(WireJson.Write(writer =>
            {
                CompletionJson.Head(writer, id, "chat.completion.chunk", reply);
                writer.WriteStartArray("choices");
                writer.WriteEndArray();
                CompletionJson.Usage(writer, reply, reply.ReportedUsage.Total, whole.Tokens);
            }));
        }

        yield return new StreamFrame("data: [DONE]\n\n"u8.ToArray(), IsLast: true);
    }

    private IEnumerable<StreamFrame> Text(int index)
    {
        foreach (var (text, tokens) in reply.Pieces(index))
            yield return Chunk(tokens, null, writer => writer.WriteString("content", text)) with { Text = text };
    }

    private IEnumerable<StreamFrame> Call(int index, SimulatedToolUseBlock call, int place)
    {
        yield return Chunk(0, null, writer => ToolCall(writer, place, () =>
        {
            writer.WriteString("id", call.Id);
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", call.Name);
            writer.WriteString("arguments", "");
            writer.WriteEndObject();
        })) with { ToolCallId = call.Id };
        foreach (var (text, tokens) in reply.Pieces(index))
        {
            yield return Chunk(tokens, null, writer => ToolCall(writer, place, () =>
            {
                writer.WriteStartObject("function");
                writer.WriteString("arguments", text);
                writer.WriteEndObject();
            }));
        }
    }

    private static void ToolCall(Utf8JsonWriter writer, int place, Action fields)
    {
        writer.WriteStartArray("tool_calls");
        writer.WriteStartObject();
        writer.WriteNumber("index", place);
        fields();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private StreamFrame Chunk(int tokens, string? finishReason, Action<Utf8JsonWriter> delta)
    {
        _produced += tokens;
        return Data(
            WireJson.Write(writer =>
            {
                CompletionJson.Head(writer, id, "chat.completion.chunk", reply);
                writer.WriteStartArray("choices");
                writer.WriteStartObject();
                writer.WriteNumber("index", 0);
                writer.WriteStartObject("delta");
                delta(writer);
                writer.WriteEndObject();
                writer.WriteNull("logprobs");
                writer.WriteString("finish_reason", finishReason);
                writer.WriteEndObject();
                writer.WriteEndArray();
                ChunkUsage(writer, tokens);
            }),
            tokens);
    }

    private void ChunkUsage(Utf8JsonWriter writer, int tokens)
    {
        if (usageStyle != SimulatedStreamUsage.FinalChunk && reply.ReportsUsage)
            CompletionJson.Usage(writer, reply, reply.ReportedUsage.Total, usageStyle == SimulatedStreamUsage.Cumulative ? _produced : tokens);
        else if (((CompletionCall)reply.Call).IncludesUsage)
            writer.WriteNull("usage");
    }
}
