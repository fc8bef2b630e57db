using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>Writes what OpenAI sends: completions, chunks, usage.</summary>
internal static class CompletionJson
{
    public static ReadOnlyMemory<byte> Whole(string id, OutgoingReply reply) => WireJson.Write(writer =>
    {
        var whole = reply.Reply;
        var texts = whole.Blocks.Where(block => block.Call is null).ToArray();
        var calls = whole.Blocks.Where(block => block.Call is not null).ToArray();
        Head(writer, id, "chat.completion", reply);
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteString("content", texts.Length == 0 && calls.Length > 0 ? null : string.Concat(texts.Select(block => block.Content)));
        writer.WriteNull("refusal");
        if (calls.Length > 0)
        {
            writer.WriteStartArray("tool_calls");
            foreach (var call in calls)
            {
                writer.WriteStartObject();
                writer.WriteString("id", call.Call!.Id);
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                writer.WriteString("name", call.Call.Name);
                // A text to the wire, so cut arguments are sent as far as they came (documented: they may be invalid JSON).
                writer.WriteString("arguments", call.Content);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteNull("logprobs");
        writer.WriteString("finish_reason", FinishReason(whole.StopReason));
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (reply.ReportsUsage)
            Usage(writer, reply, reply.ReportedUsage.Total, whole.Tokens);
    });

    public static void Head(Utf8JsonWriter writer, string id, string kind, OutgoingReply reply)
    {
        writer.WriteString("id", id);
        writer.WriteString("object", kind);
        writer.WriteNumber("created", reply.CreatedAt.ToUnixTimeSeconds());
        writer.WriteString("model", reply.Call.Model);
        writer.WriteString("service_tier", "default");
        writer.WriteString("system_fingerprint", "fp_simulated");
    }

    /// <summary>The usage; prompt tokens include the cached ones (documented).</summary>
    public static void Usage(Utf8JsonWriter writer, OutgoingReply reply, int promptTokens, int completionTokens)
    {
        var completion = reply.Reported(completionTokens);
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", promptTokens);
        writer.WriteNumber("completion_tokens", completion);
        writer.WriteNumber("total_tokens", (long)promptTokens + completion);
        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", reply.ReportedUsage.Read);
        writer.WriteNumber("audio_tokens", 0);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details");
        writer.WriteNumber("reasoning_tokens", Math.Min(reply.Reported(reply.Reply.ReasoningTokens), completion));
        writer.WriteNumber("audio_tokens", 0);
        writer.WriteNumber("accepted_prediction_tokens", 0);
        writer.WriteNumber("rejected_prediction_tokens", 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static string FinishReason(string stopReason) => stopReason switch
    {
        "end_turn" or "stop_sequence" => "stop",
        "max_tokens" or "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        _ => stopReason,
    };
}
