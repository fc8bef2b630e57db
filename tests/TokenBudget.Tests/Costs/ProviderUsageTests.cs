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
