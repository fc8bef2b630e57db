using System.Text.Json;

namespace TokenBudget.Costs;

/// <summary>Reads usage from a provider's own JSON, for programs that see raw responses: proxies, logs, SDKs without an adapter.</summary>
/// <remarks>
/// <para>Known shapes: Anthropic Messages, OpenAI Chat Completions and Responses and those who speak them (Mistral, Groq, DeepSeek, OpenRouter,
/// Azure), Gemini, Bedrock Converse, Cohere. Anthropic and Bedrock report fresh input and cached input side by side, the others report cached input
/// inside all input; Gemini reports reasoning beside the output, the others inside it.</para>
/// <para>What is not a whole number of tokens is read as not reported; negative numbers are read as zero, absurd ones as a billion.</para>
/// </remarks>
public static class ProviderUsage
{
    /// <summary>Takes the usage of a response apart.</summary>
    /// <param name="response">A response, an event of a stream, or the usage object in it.</param>
    /// <returns>The buckets, or <see langword="null"/> when neither input nor output is reported.</returns>
    public static TokenUsage? Read(JsonElement response)
    {
        var usage = Object(response, "usage") ?? Object(response, "usageMetadata") ?? Object(Object(response, "message"), "usage") ?? response;
        if (usage.ValueKind != JsonValueKind.Object)
            return null;
        return Has(usage, "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount") ? Gemini(usage)
            : Has(usage, "inputTokens", "outputTokens") ? Bedrock(usage)
            : Has(usage, "prompt_tokens", "completion_tokens") ? ChatCompletions(usage)
            : Object(usage, "billed_units") is { } billed ? Responses(billed)
            : Has(usage, "cache_read_input_tokens", "cache_creation_input_tokens") ? Anthropic(usage)
            : Responses(usage);
    }

    private static TokenUsage? Anthropic(JsonElement usage)
    {
        var lifetimes = Object(usage, "cache_creation");
        return UsageParts.BesideCache(
            Count(usage, "input_tokens"),
            Count(usage, "cache_read_input_tokens") ?? 0,
            Count(usage, "cache_creation_input_tokens") ?? Count(lifetimes, "ephemeral_5m_input_tokens") + Count(lifetimes, "ephemeral_1h_input_tokens") ?? 0,
            Count(lifetimes, "ephemeral_1h_input_tokens") ?? 0,
            Count(usage, "output_tokens"),
            Count(Object(usage, "output_tokens_details"), "thinking_tokens") ?? 0);
    }

    private static TokenUsage? Bedrock(JsonElement usage)
    {
        var oneHour = 0L;
        if (usage.TryGetProperty("cacheDetails", out var details) && details.ValueKind == JsonValueKind.Array)
            foreach (var detail in details.EnumerateArray())
                if (detail.ValueKind == JsonValueKind.Object && detail.TryGetProperty("ttl", out var lifetime) && lifetime.ValueEquals("1h"))
                    oneHour += Count(detail, "inputTokens") ?? 0;
        return UsageParts.BesideCache(
            Count(usage, "inputTokens"),
            Count(usage, "cacheReadInputTokens") ?? Count(usage, "cacheReadInputTokenCount") ?? 0,
            Count(usage, "cacheWriteInputTokens") ?? Count(usage, "cacheWriteInputTokenCount") ?? 0,
            oneHour,
            Count(usage, "outputTokens"),
            reasoning: 0);
    }

    private static TokenUsage? ChatCompletions(JsonElement usage)
    {
        var prompt = Object(usage, "prompt_tokens_details");
        var completion = Object(usage, "completion_tokens_details");
        var parts = UsageParts.WithCache(
            Count(usage, "prompt_tokens"),
            Count(prompt, "cached_tokens") ?? Count(usage, "prompt_cache_hit_tokens") ?? Count(usage, "cached_tokens") ?? Count(usage, "num_cached_tokens") ?? 0,
            Count(prompt, "cache_write_tokens") ?? 0,
            write1Hour: 0,
            Count(usage, "completion_tokens"),
            Count(completion, "reasoning_tokens") ?? 0,
            Count(usage, "total_tokens"));
        return UsageParts.WithAudio(parts, Count(prompt, "audio_tokens") ?? 0, cached: 0, Count(completion, "audio_tokens") ?? 0);
    }

    private static TokenUsage? Responses(JsonElement usage)
    {
        var input = Object(usage, "input_tokens_details");
        return UsageParts.WithCache(
            Count(usage, "input_tokens"),
            Count(input, "cached_tokens") ?? 0,
            Count(input, "cache_write_tokens") ?? 0,
            write1Hour: 0,
            Count(usage, "output_tokens"),
            Count(Object(usage, "output_tokens_details"), "reasoning_tokens") ?? 0,
            Count(usage, "total_tokens"));
    }

    private static TokenUsage? Gemini(JsonElement usage)
    {
        var prompt = Count(usage, "promptTokenCount");
        var tools = Count(usage, "toolUsePromptTokenCount");
        var candidates = Count(usage, "candidatesTokenCount");
        var thoughts = Count(usage, "thoughtsTokenCount");
        var parts = UsageParts.WithCache(
            prompt is null && tools is null ? null : (prompt ?? 0) + (tools ?? 0),
            Count(usage, "cachedContentTokenCount") ?? 0,
            write: 0,
            write1Hour: 0,
            candidates is null && thoughts is null ? null : (candidates ?? 0) + (thoughts ?? 0),
            thoughts ?? 0,
            total: null);
        return UsageParts.WithAudio(
            parts,
            Audio(usage, "promptTokensDetails") + Audio(usage, "toolUsePromptTokensDetails"),
            Audio(usage, "cacheTokensDetails"),
            Audio(usage, "candidatesTokensDetails"));
    }

    /// <summary>Gemini tells tokens apart by modality.</summary>
    private static long Audio(JsonElement usage, string name)
    {
        var tokens = 0L;
        if (usage.TryGetProperty(name, out var details) && details.ValueKind == JsonValueKind.Array)
            foreach (var detail in details.EnumerateArray())
                if (detail.ValueKind == JsonValueKind.Object && detail.TryGetProperty("modality", out var modality)
                    && modality.ValueKind == JsonValueKind.String && modality.ValueEquals("AUDIO"))
                    tokens += Count(detail, "tokenCount") ?? 0;
        return UsageParts.Bound(tokens);
    }

    private static JsonElement? Object(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } some && some.TryGetProperty(name, out var child) && child.ValueKind == JsonValueKind.Object ? child : null;

    private static long? Count(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } some && some.TryGetProperty(name, out var child)
        && child.ValueKind == JsonValueKind.Number && child.TryGetInt64(out var count) ? UsageParts.Bound(count) : null;

    private static bool Has(JsonElement usage, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (usage.TryGetProperty(name, out _))
                return true;
        return false;
    }
}
