namespace TokenBudget.Testing;

/// <summary>A message as server-sent events, in the documented order.</summary>
internal static class MessageStream
{
    public static IEnumerable<StreamFrame> Of(string id, OutgoingReply reply)
    {
        var whole = reply.Reply;
        yield return AnthropicDialect.Event(
            "message_start",
            writer =>
            {
                writer.WriteStartObject("message");
                MessageJson.Head(writer, id, reply.Call.Model);
                writer.WriteStartArray("content");
                writer.WriteEndArray();
                writer.WriteNull("stop_reason");
                writer.WriteNull("stop_sequence");
                MessageJson.Usage(writer, reply, outputTokens: 1, isDelta: false);
                writer.WriteEndObject();
            },
            whole.ReasoningTokens);

        for (var index = 0; index < whole.Blocks.Count; index++)
        {
            foreach (var frame in Block(reply, index))
                yield return frame;
        }

        yield return AnthropicDialect.Event(
            "message_delta",
            writer =>
            {
                writer.WriteStartObject("delta");
                writer.WriteString("stop_reason", whole.StopReason);
                writer.WriteString("stop_sequence", whole.StopSequence);
                writer.WriteEndObject();
                MessageJson.Usage(writer, reply, whole.Tokens, isDelta: true);
            },
            whole.UnspokenTokens);
        yield return AnthropicDialect.Event("message_stop", _ => { }, isLast: true);
    }

    private static IEnumerable<StreamFrame> Block(OutgoingReply reply, int index)
    {
        var block = reply.Reply.Blocks[index];
        yield return AnthropicDialect.Event("content_block_start", writer =>
        {
            writer.WriteNumber("index", index);
            writer.WriteStartObject("content_block");
            MessageJson.Block(writer, block, withContent: false);
            writer.WriteEndObject();
        }) with { ToolCallId = block.Call?.Id };
        if (index == 0)
            yield return AnthropicDialect.Event("ping", _ => { });

        foreach (var (text, tokens) in reply.Pieces(index))
        {
            yield return AnthropicDialect.Event(
                "content_block_delta",
                writer =>
                {
                    writer.WriteNumber("index", index);
                    writer.WriteStartObject("delta");
                    writer.WriteString("type", block.Call is null ? "text_delta" : "input_json_delta");
                    writer.WriteString(block.Call is null ? "text" : "partial_json", text);
                    writer.WriteEndObject();
                },
                tokens) with { Text = block.Call is null ? text : "" };
        }

        yield return AnthropicDialect.Event("content_block_stop", writer => writer.WriteNumber("index", index));
    }
}
