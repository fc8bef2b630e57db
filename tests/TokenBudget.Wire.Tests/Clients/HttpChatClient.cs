using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using TokenBudget.Testing;

namespace TokenBudget.Wire.Tests.Clients;

/// <summary>What a user writes who has no SDK: posts JSON, reads JSON or events, and takes the end of the bytes for the end of the reply.</summary>
internal sealed class HttpChatClient(HttpClient http, SimulatedDialect dialect, string key) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var request = Request(messages, options, isStream: false);
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        var (text, reason) = dialect == SimulatedDialect.Anthropic
            ? (body.GetProperty("content")[0].GetProperty("text").GetString(), body.GetProperty("stop_reason").GetString())
            : (body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), body.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text))
        {
            ResponseId = body.GetProperty("id").GetString(),
            ModelId = body.GetProperty("model").GetString(),
            FinishReason = Reason(reason),
            Usage = UsageOf(body),
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = Request(messages, options, isStream: true);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
                continue;
            if (line == "data: [DONE]")
                yield break;
            var data = JsonElement.Parse(line["data: ".Length..]);
            if (data.TryGetProperty("error", out _))
                throw new InvalidOperationException(data.GetRawText());
            var update = new ChatResponseUpdate { Role = ChatRole.Assistant };
            Read(data, update);
            if (UsageOf(data) is { } usage)
                update.Contents.Add(new UsageContent(usage));
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() => http.Dispose();

    private static void Read(JsonElement data, ChatResponseUpdate update)
    {
        if (data.TryGetProperty("choices", out var choices))
        {
            if (choices.GetArrayLength() == 0)
                return;
            if (choices[0].GetProperty("delta").TryGetProperty("content", out var content) && content.GetString() is { } piece)
                update.Contents.Add(new TextContent(piece));
            update.FinishReason = Reason(choices[0].GetProperty("finish_reason").GetString());
        }
        else if (data.TryGetProperty("delta", out var delta))
        {
            if (delta.TryGetProperty("text", out var text))
                update.Contents.Add(new TextContent(text.GetString()!));
            if (delta.TryGetProperty("stop_reason", out var reason))
                update.FinishReason = Reason(reason.GetString());
        }
    }

    private HttpRequestMessage Request(IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStream)
    {
        var body = new JsonObject
        {
            ["model"] = options?.ModelId,
            ["max_tokens"] = options?.MaxOutputTokens,
            ["messages"] = new JsonArray([.. messages.Select(static message => (JsonNode)new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text })]),
        };
        if (isStream)
            body["stream"] = true;
        if (isStream && dialect == SimulatedDialect.OpenAI)
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        var request = new HttpRequestMessage(HttpMethod.Post, dialect == SimulatedDialect.Anthropic ? "/v1/messages" : "/v1/chat/completions") { Content = JsonContent.Create(body) };
        if (dialect == SimulatedDialect.Anthropic)
            request.Headers.Add("anthropic-version", "2023-06-01");
        request.Headers.Add(dialect == SimulatedDialect.Anthropic ? "x-api-key" : "Authorization", dialect == SimulatedDialect.Anthropic ? key : $"Bearer {key}");
        return request;
    }

    private static ChatFinishReason? Reason(string? reason) => reason switch
    {
        null => null,
        "max_tokens" or "length" => ChatFinishReason.Length,
        _ => ChatFinishReason.Stop,
    };

    private static UsageDetails? UsageOf(JsonElement data)
    {
        if (data.TryGetProperty("message", out var message))
            data = message;
        if (!data.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object)
            return null;
        return new UsageDetails
        {
            InputTokenCount = Count("prompt_tokens") ?? Count("input_tokens") + (Count("cache_creation_input_tokens") ?? 0) + (Count("cache_read_input_tokens") ?? 0),
            OutputTokenCount = Count("completion_tokens") ?? Count("output_tokens"),
            CachedInputTokenCount = Count("cache_read_input_tokens"),
        };

        long? Count(string name) => usage.TryGetProperty(name, out var count) && count.ValueKind == JsonValueKind.Number ? count.GetInt64() : null;
    }
}
