using System.Text.Json;
using TokenBudget.Costs;

namespace TokenBudget.Tests.Costs;

/// <summary>Usage in the JSON of each provider.</summary>
public sealed class ProviderUsageTests
{
    [Theory]
    [InlineData("""{"usage":{"input_tokens":3,"cache_read_input_tokens":100,"cache_creation_input_tokens":50,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},"output_tokens":9}}""", 3, 100, 20, 30, 9, 0)]
    [InlineData("""{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_read_input_tokens":100,"cache_creation_input_tokens":50,"output_tokens":1}}}""", 3, 100, 50, 0, 1, 0)]
    [InlineData("""{"input_tokens":3,"cache_read_input_tokens":null,"cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},"cache_creation_input_tokens":null,"output_tokens":9}""", 3, 0, 20, 30, 9, 0)]
    [InlineData("""{"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10},"completion_tokens_details":{"reasoning_tokens":20}}}""", 30, 60, 10, 0, 30, 20)]
    [InlineData("""{"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":170,"completion_tokens_details":{"reasoning_tokens":20}}}""", 100, 0, 0, 0, 50, 20)]
    [InlineData("""{"usage":{"input_tokens":100,"output_tokens":50,"input_tokens_details":{"cached_tokens":60},"output_tokens_details":{"reasoning_tokens":20}}}""", 40, 60, 0, 0, 30, 20)]
    [InlineData("""{"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":60,"toolUsePromptTokenCount":7,"candidatesTokenCount":50,"thoughtsTokenCount":20}}""", 47, 60, 0, 0, 50, 20)]
    [InlineData("""{"usage":{"inputTokens":3,"outputTokens":9,"cacheReadInputTokens":100,"cacheWriteInputTokens":50,"cacheDetails":[{"inputTokens":30,"ttl":"1h"},{"inputTokens":20,"ttl":"5m"}]}}""", 3, 100, 20, 30, 9, 0)]
    [InlineData("""{"usage":{"billed_units":{"input_tokens":7,"output_tokens":2},"tokens":{"input_tokens":70,"output_tokens":20}}}""", 7, 0, 0, 0, 2, 0)]
    [InlineData("""{"usage":{"prompt_tokens":-5,"completion_tokens":9000000000000000000}}""", 0, 0, 0, 0, 1_000_000_000, 0)]
    public void Each_shape_is_taken_apart(string json, long fresh, long read, long write, long writeHour, long output, long reasoning) =>
        Read(json).ShouldBe(new TokenUsage { FreshInput = fresh, CacheRead = read, CacheWrite5Minutes = write, CacheWrite1Hour = writeHour, Output = output, Reasoning = reasoning });

    [Theory]
    [InlineData("""{"usageMetadata":{"promptTokenCount":3297,"cachedContentTokenCount":2918,"candidatesTokenCount":55,"thoughtsTokenCount":95,"promptTokensDetails":[{"modality":"TEXT","tokenCount":2976},{"modality":"AUDIO","tokenCount":321}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":284},{"modality":"TEXT","tokenCount":2634}]}}""", 342, 2634, 37, 284, 55, 0)]
    [InlineData("""{"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":60,"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":50},{"modality":"TEXT","tokenCount":10}]}}""", 10, 0, 0, 0, 10, 50)]
    [InlineData("""{"usage":{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"audio_tokens":40},"completion_tokens_details":{"audio_tokens":30}}}""", 60, 0, 40, 0, 20, 30)]
    [InlineData("""{"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":1,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":999},{"modality":7},null]}}""", 0, 0, 10, 0, 1, 0)]
    public void Audio_is_told_apart(string json, long fresh, long read, long audio, long audioRead, long output, long audioOutput) =>
        (Read(json)!.Value with { Reasoning = 0 }).ShouldBe(new TokenUsage { FreshInput = fresh, CacheRead = read, AudioInput = audio, AudioCacheRead = audioRead, Output = output, AudioOutput = audioOutput });

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"usage\"")]
    [InlineData("{}")]
    [InlineData("""{"usage":null}""")]
    [InlineData("""{"usage":{"total_tokens":9}}""")]
    [InlineData("""{"usage":{"prompt_tokens":"9","completion_tokens":1.5}}""")]
    [InlineData("""{"usage":{"prompt_tokens":99999999999999999999999,"completion_tokens":null}}""")]
    [InlineData("""{"usageMetadata":{"trafficType":"ON_DEMAND"}}""")]
    public void What_is_not_reported_is_not_zero(string json) => Read(json).ShouldBeNull();

    [Fact]
    public void Explicit_zeros_are_zero() => Read("""{"usage":{"prompt_tokens":0,"completion_tokens":0}}""").ShouldBe(default(TokenUsage));

    private static TokenUsage? Read(string json) => ProviderUsage.Read(JsonSerializer.Deserialize<JsonElement>(json));
}
