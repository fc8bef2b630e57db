using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>Writes what Anthropic sends: messages, usage, errors.</summary>
internal static class MessageJson
{
    /// <summary>The <c>error</c> member.</summary>
    public static void Error(Utf8JsonWriter writer, SimulatedError error)
    {
        writer.WriteStartObject("error");
        writer.WriteString("type", error.Type);
        writer.WriteString("message", error.Message);
        if (error.Code is not null)
        {
            writer.WriteStartObject("details");
            writer.WriteString("error_code", error.Code);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    public static ReadOnlyMemory<byte> Whole(string id, OutgoingReply reply) => WireJson.Write(writer =>
    {
        Head(writer, id, reply.Call.Model);
        writer.WriteStartArray("content");
        foreach (var block in reply.Reply.Blocks)
        {
            writer.WriteStartObject();
            Block(writer, block, withContent: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("stop_reason", reply.Reply.StopReason);
        writer.WriteString("stop_sequence", reply.Reply.StopSequence);
        Usage(writer, reply, reply.Reply.Tokens, isDelta: false);
    });

    public static void Head(Utf8JsonWriter writer, string id, string model)
    {
        writer.WriteString("id", id);
        writer.WriteString("type", "message");
        writer.WriteString("role", "assistant");
        writer.WriteString("model", model);
    }

    /// <summary>The fields of a block; a stream opens it without content.</summary>
    public static void Block(Utf8JsonWriter writer, GeneratedBlock block, bool withContent)
    {
        if (block.Call is null)
        {
            writer.WriteString("type", "text");
            writer.WriteString("text", withContent ? block.Content : "");
            return;
        }

        writer.WriteString("type", "tool_use");
        writer.WriteString("id", block.Call.Id);
        writer.WriteString("name", block.Call.Name);
        writer.WritePropertyName("input");
        // Half a JSON object cannot be sent, so cut arguments are an empty object (assumed).
        writer.WriteRawValue(withContent && block.IsWhole ? block.Content : "{}");
    }

    /// <summary>The usage. A <c>message_delta</c> repeats all but the split by lifetime (read from the official client's types).</summary>
    public static void Usage(Utf8JsonWriter writer, OutgoingReply reply, int outputTokens, bool isDelta)
    {
        if (!reply.ReportsUsage)
            return;
        var usage = reply.ReportedUsage;
        writer.WriteStartObject("usage");
        writer.WriteNumber("input_tokens", usage.Fresh);
        writer.WriteNumber("cache_creation_input_tokens", usage.Written);
        writer.WriteNumber("cache_read_input_tokens", usage.Read);
        if (!isDelta)
        {
            writer.WriteStartObject("cache_creation");
            writer.WriteNumber("ephemeral_5m_input_tokens", usage.Write5Minutes);
            writer.WriteNumber("ephemeral_1h_input_tokens", usage.Write1Hour);
            writer.WriteEndObject();
        }

        writer.WriteNumber("output_tokens", reply.Reported(outputTokens));
        if (!isDelta)
            writer.WriteString("service_tier", "standard");
        writer.WriteEndObject();
    }
}
