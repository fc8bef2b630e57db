using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anthropic;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Retries;
using TokenBudget.Wire.Tests.Clients;
using Xunit.Abstractions;

namespace TokenBudget.Wire.Tests;

/// <summary>Usage that real providers reported, sent once more over HTTP through the official SDKs, streamed and not: what the ledger makes of it.</summary>
public sealed class GoldenReplayTests(ITestOutputHelper output)
{
    // The day the expected prices were taken.
    private static readonly DateTimeOffset PricedAt = new(2026, 8, 21, 0, 0, 0, TimeSpan.Zero);

    [SharedDataTheory]
    [InlineData("anthropic", false)]
    [InlineData("anthropic", true)]
    [InlineData("openai", false)]
    [InlineData("openai", true)]
    public async Task What_was_reported_is_what_the_ledger_has(string provider, bool isStream)
    {
        var isOpenAI = provider == "openai";
        var (replayed, priced) = (0, 0);
        foreach (var golden in Read().Where(golden => golden.GetProperty("body").TryGetProperty("usage", out var usage)
            && (isOpenAI ? usage.TryGetProperty("prompt_tokens", out _) && usage.TryGetProperty("completion_tokens", out _) : usage.TryGetProperty("cache_read_input_tokens", out _))))
        {
            var usage = golden.GetProperty("body").GetProperty("usage");
            var model = golden.GetProperty("model").GetString() is { } id && ModelCatalogue.Default.TryGet(id, out var known) && known.Prices.Count > 0 ? known : null;
            var line = await ReplayAsync(isOpenAI, isStream, usage, model?.Id ?? (isOpenAI ? Wire.Gpt : Wire.Sonnet));

            var expected = ProviderUsage.Read(usage)!.Value;
            var name = $"{golden.GetProperty("id")}: {usage.GetRawText()}";
            line.IsEstimate.ShouldBeFalse(name);
            (line.Usage.TotalOutput, line.Usage.TotalInput).ShouldBe((expected.TotalOutput, expected.TotalInput), name);
            // Fields of OpenAI's imitators the SDK does not have.
            if (!isOpenAI || !HasOwnFields(usage))
                (line.Usage.TotalCacheRead, line.Usage.CacheWrite5Minutes + line.Usage.CacheWrite1Hour).ShouldBe((expected.TotalCacheRead, expected.CacheWrite5Minutes + expected.CacheWrite1Hour), name);
            replayed++;
            if (model is null || WantedOf(golden, model.Provider) is not { } wanted || HasOwnFields(usage) || expected.AudioInput > 0)
                continue;
            line.Cost.Dollars.ShouldBe(wanted, name);
            priced++;
        }

        output.WriteLine($"{provider}, {(isStream ? "streamed" : "whole")}: {replayed} replayed, {priced} priced as expected");
        replayed.ShouldBeGreaterThanOrEqualTo(isOpenAI ? 150 : 100);
        priced.ShouldBeGreaterThanOrEqualTo(isOpenAI ? 20 : 90);
    }

    private static async Task<LedgerEntry> ReplayAsync(bool isOpenAI, bool isStream, JsonElement usage, string model)
    {
        using var recorded = new RecordedHandler(isOpenAI, isStream, usage, model);
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), time: new VirtualTimeProvider(PricedAt));
        using var http = new HttpClient(new RateLimitHeaderHandler(recorded));
        using IChatClient inner = isOpenAI
            ? new OpenAISdkClient(new ChatClient(model, new ApiKeyCredential("any"), new OpenAIClientOptions { RetryPolicy = new ClientRetryPolicy(maxRetries: 0), Transport = new HttpClientPipelineTransport(http) }))
            : new AnthropicClient { ApiKey = "any", MaxRetries = 0, HttpClient = http }.AsIChatClient(model, 100);
        var client = runtime.CreateClient(inner, new AgentMethodPolicy { Agent = "Worker", Method = "Ask", Settings = BudgetSettings.Unset with { Model = model, MaxOutputTokens = 100 } });

        (await Wire.AskAsync(client, "Tell me a story.", isStream)).Text.ShouldBe("ok");

        return (await runtime.Ledger.ReadAsync(new LedgerQuery()).ToListAsync()).ShouldHaveSingleItem();
    }

    private static bool HasOwnFields(JsonElement usage) => usage.EnumerateObject().Any(static field => field.Name is "num_cached_tokens" or "cached_tokens" or "prompt_cache_hit_tokens")
        || (usage.TryGetProperty("prompt_tokens_details", out var details) && details.ValueKind == JsonValueKind.Object && details.TryGetProperty("cache_write_tokens", out var write) && write.ValueKind == JsonValueKind.Number && write.GetInt64() > 0);

    /// <summary>The price that another project expects at the catalogue's provider.</summary>
    private static decimal? WantedOf(JsonElement golden, string provider)
    {
        foreach (var expected in golden.GetProperty("expected").EnumerateArray())
            if (expected.GetProperty("provider").GetString() == provider && expected.GetProperty("api_flavor").GetString() is not ("embeddings" or "anthropic"))
                return Dollars(expected, "input_price_usd") + Dollars(expected, "output_price_usd");
        return null;

        static decimal Dollars(JsonElement expected, string name) => decimal.Parse(expected.GetProperty(name).GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static IEnumerable<JsonElement> Read()
    {
        using var file = File.OpenRead(SharedData.File("usage/provider-usage-golden.dev.jsonl.gz"));
        using var lines = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        foreach (var line in lines.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries))
            yield return JsonSerializer.Deserialize<JsonElement>(line);
    }

    /// <summary>Answers "ok", with a usage that a provider once reported.</summary>
    private sealed class RecordedHandler(bool isOpenAI, bool isStream, JsonElement usage, string model) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage
        {
            RequestMessage = request,
            Content = new StringContent(isStream ? (isOpenAI ? Chunks() : Events()) : Whole(), Encoding.UTF8, isStream ? "text/event-stream" : "application/json"),
        });

        private JsonObject Usage
        {
            get
            {
                var told = JsonNode.Parse(usage.GetRawText())!.AsObject();
                // Older ones lack a field in it that the SDK demands today.
                told.Remove("server_tool_use");
                return told;
            }
        }

        private string Whole() => isOpenAI
            ? new JsonObject
            {
                ["id"] = "chatcmpl-1", ["object"] = "chat.completion", ["created"] = 1, ["model"] = model, ["usage"] = Usage,
                ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["finish_reason"] = "stop", ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = "ok" } }),
            }.ToJsonString()
            : Message(Usage, new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "ok" }), "end_turn").ToJsonString();

        private JsonObject Message(JsonNode told, JsonArray content, string? reason) => new()
        {
            ["id"] = "msg_1", ["type"] = "message", ["role"] = "assistant", ["model"] = model, ["content"] = content, ["stop_reason"] = reason, ["stop_sequence"] = null, ["usage"] = told,
        };

        private string Events()
        {
            // The input first, one token of output, and all of it at the end.
            var first = Usage;
            first["output_tokens"] = 1;
            JsonObject[] events =
            [
                new() { ["type"] = "message_start", ["message"] = Message(first, [], null) },
                new() { ["type"] = "content_block_start", ["index"] = 0, ["content_block"] = new JsonObject { ["type"] = "text", ["text"] = "" } },
                new() { ["type"] = "content_block_delta", ["index"] = 0, ["delta"] = new JsonObject { ["type"] = "text_delta", ["text"] = "ok" } },
                new() { ["type"] = "content_block_stop", ["index"] = 0 },
                new()
                {
                    ["type"] = "message_delta", ["delta"] = new JsonObject { ["stop_reason"] = "end_turn", ["stop_sequence"] = null },
                    ["usage"] = new JsonObject { ["output_tokens"] = usage.GetProperty("output_tokens").GetInt64() },
                },
                new() { ["type"] = "message_stop" },
            ];
            return string.Concat(events.Select(static data => $"event: {data["type"]}\ndata: {data.ToJsonString()}\n\n"));
        }

        private string Chunks()
        {
            JsonObject[] chunks =
            [
                Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "ok" }, null, null),
                Chunk([], "stop", null),
                Chunk(null, null, Usage),
            ];
            return string.Concat(chunks.Select(static data => $"data: {data.ToJsonString()}\n\n")) + "data: [DONE]\n\n";

            JsonObject Chunk(JsonObject? delta, string? reason, JsonNode? told) => new()
            {
                ["id"] = "chatcmpl-1", ["object"] = "chat.completion.chunk", ["created"] = 1, ["model"] = model, ["usage"] = told,
                ["choices"] = delta is null ? [] : new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = reason }),
            };
        }
    }
}
