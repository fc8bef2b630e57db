using System.Net;
using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>What OpenAI's dialect looks like on the wire: headers, chunks, errors, Azure's ways.</summary>
public sealed class OpenAIHttpTests
{
    private const int Bound = Simulation.Bound;

    public static TheoryData<string> Errors => [.. OpenAIErrors.All.Keys];

    [Fact(Timeout = Bound)]
    public async Task Every_response_names_its_request_and_the_limits()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 3, TokensPerMinute = 30_000 } });
        using var good = await simulation.PostAsync(Simulation.GptBody("Hi", "\"max_tokens\":6000,"));
        using var bad = await simulation.PostAsync("""{"model":"gpt-4o"}""");
        using var method = await simulation.Http.GetAsync("/v1/chat/completions");

        foreach (var response in new[] { good, bad, method })
        {
            response.Headers.GetValues("x-request-id").Single().ShouldStartWith("req_");
            response.Headers.GetValues("openai-version").Single().ShouldBe("2020-10-01");
            response.Headers.GetValues("openai-organization").Single().ShouldBe("org-simulated");
            response.Headers.Contains("x-ratelimit-remaining-tokens").ShouldBeTrue();
        }

        Header(good, "limit-requests").ShouldBe("3");
        Header(good, "remaining-requests").ShouldBe("2");
        Header(good, "reset-requests").ShouldBe("20s");
        Header(good, "limit-tokens").ShouldBe("30000");
        Header(good, "remaining-tokens").ShouldBe("24000");
        Header(good, "reset-tokens").ShouldBe("12s");
        method.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        good.Headers.Date.ShouldBe(simulation.Clock.GetUtcNow());
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(2, "2ms")]
    [InlineData(174, "174ms")]
    [InlineData(1_000, "1s")]
    [InlineData(9_816, "9.816s")]
    [InlineData(60_000, "1m0s")]
    [InlineData(360_000, "6m0s")]
    [InlineData(61_500, "1m1.5s")]
    [InlineData(3_600_000, "1h0m0s")]
    [InlineData(86_399_999, "23h59m59.999s")]
    public void Durations_are_written_as_Go_writes_them(long milliseconds, string text) => GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(text);

    [Fact]
    public void Durations_are_rounded_up() => GoDuration.Format(TimeSpan.FromTicks(1)).ShouldBe("1ms");

    [Theory(Timeout = Bound)]
    [InlineData("", SimulatedStreamUsage.FinalChunk, "-")]
    [InlineData("\"stream_options\":{\"include_usage\":true},", SimulatedStreamUsage.FinalChunk, "null null null null 8/9")]
    [InlineData("", SimulatedStreamUsage.Cumulative, "0/9 6/9 8/9 8/9")]
    [InlineData("", SimulatedStreamUsage.PromptRepeated, "0/9 6/9 2/9 0/9")]
    public async Task Usage_comes_in_three_ways(string more, SimulatedStreamUsage style, string expected)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { StreamUsage = style }, SimulatedReply.Text(new string('a', 28)));
        using var response = await simulation.PostAsync(Simulation.GptBody("Hi", "\"stream\":true," + more));

        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var frames = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        frames.ShouldAllBe(frame => frame.StartsWith("data: "));
        frames[^1].ShouldBe("data: [DONE]");
        var chunks = frames[..^1].Select(frame => JsonElement.Parse(frame.Substring("data: ".Length))).ToArray();
        chunks.ShouldAllBe(chunk => chunk.GetProperty("object").GetString() == "chat.completion.chunk" && chunk.GetProperty("id").GetString() == "chatcmpl-sim00000001");
        chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString().ShouldBe("assistant");
        string.Concat(chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).Select(choice => WireJson.OptionalString(choice.GetProperty("delta"), "content")))
            .ShouldBe(new string('a', 28));
        string.Join(' ', chunks.Where(chunk => chunk.TryGetProperty("usage", out _)).Select(Usage)).ShouldBe(expected == "-" ? "" : expected);
        chunks.Select(chunk => chunk.GetProperty("choices").GetArrayLength()).ShouldBe(expected.StartsWith("null", StringComparison.Ordinal) ? [1, 1, 1, 1, 0] : [1, 1, 1, 1]);

        static string Usage(JsonElement chunk) => chunk.GetProperty("usage") is { ValueKind: JsonValueKind.Object } usage
            ? $"{usage.GetProperty("completion_tokens")}/{usage.GetProperty("prompt_tokens")}"
            : "null";
    }

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Errors))]
    public async Task An_error_has_its_body_and_headers(string name)
    {
        var expected = OpenAIErrors.All[name];
        await using var simulation = await Simulation.StartAsync(options => options with { Faults = _ => SimulatedFault.Fail(AnthropicErrors.Internal, expected) });

        using var response = await simulation.PostAsync(Simulation.GptBody("Hi"));

        ((int)response.StatusCode).ShouldBe(expected.Status);
        (response.Headers.RetryAfter is not null).ShouldBe(expected.RetryAfter is not null);
        if (expected.Html is { } page)
        {
            response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
            (await response.Content.ReadAsStringAsync()).ShouldBe(page);
            return;
        }

        var error = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync()).GetProperty("error");
        error.EnumerateObject().Select(member => member.Name).ShouldBe(["message", "type", "param", "code"]);
        error.GetProperty("type").GetString().ShouldBe(expected.Type);
        error.GetProperty("message").GetString().ShouldBe(expected.Message);
        error.GetProperty("code").GetString().ShouldBe(expected.Code);
        simulation.Provider.Log.Single().MayBeRetried.ShouldBe(expected.MayBeRetried);
    }

    [Fact(Timeout = Bound)]
    public async Task Azure_names_the_deployment_in_the_path_and_counts_in_whole_seconds()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            IsAzure = true,
            ApiKey = "right",
            Limits = new SimulatedLimits { RequestsPerMinute = null, TokensPerMinute = 1_000 },
        });
        using var good = await AskAsync(900);
        using var refused = await AskAsync(101);

        good.StatusCode.ShouldBe(HttpStatusCode.OK);
        (Header(good, "limit-requests"), Header(good, "remaining-requests")).ShouldBe(("-1", "-1"));
        (Header(good, "remaining-tokens"), Header(good, "reset-tokens")).ShouldBe(("100", "54"));
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        // 101 wanted, 100 there: one token at 1,000 a minute.
        refused.Headers.GetValues("retry-after-ms").Single().ShouldBe("60");
        refused.Headers.GetValues("x-ms-retry-after-ms").Single().ShouldBe("60");
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));

        Task<HttpResponseMessage> AskAsync(int tokens)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, $"/openai/deployments/{Simulation.Gpt}/chat/completions?api-version=2024-10-21")
            {
                Content = new StringContent($$"""{"max_tokens":{{tokens}},"messages":[{"role":"user","content":"Hi"}]}"""),
            };
            request.Headers.Add("api-key", "right");
            return simulation.Http.SendAsync(request);
        }
    }

    [Fact(Timeout = Bound)]
    public async Task Anthropic_behind_Azure_sends_no_rate_limit_headers()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { IsAzure = true });
        using var response = await simulation.PostAsync(Simulation.Body("Hi"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.ShouldNotContain(header => header.Key.Contains("ratelimit", StringComparison.OrdinalIgnoreCase));
    }

    [Fact(Timeout = Bound)]
    public async Task Arguments_of_a_cut_call_are_sent_as_far_as_they_came()
    {
        await using var simulation = await Simulation.StartAsync(null, SimulatedReply.ToolCall("call_1", "look", """{"at":"the sun and the moon"}"""));

        var completion = await simulation.AskAsync(Simulation.GptBody("Hi", "\"max_completion_tokens\":8,"));

        var choice = completion.GetProperty("choices")[0];
        choice.GetProperty("finish_reason").GetString().ShouldBe("length");
        choice.GetProperty("message").GetProperty("content").ValueKind.ShouldBe(JsonValueKind.Null);
        // 3 for the block, 2 for the name; 3 are left and hold 11 bytes.
        choice.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString().ShouldBe("""{"at":"the """);
    }

    [Fact(Timeout = Bound)]
    public async Task Both_dialects_share_the_bill_and_the_log()
    {
        await using var simulation = await Simulation.StartAsync();
        await simulation.AskAsync(Simulation.Body("Hi"));
        await simulation.AskAsync(Simulation.GptBody("Hi"));

        simulation.Provider.Log.Select(exchange => exchange.Dialect).ShouldBe([SimulatedDialect.Anthropic, SimulatedDialect.OpenAI]);
        simulation.Provider.Bill.PicoDollars.ShouldBe((9 * 3_000_000) + 15_000_000 + (9 * 2_500_000) + 10_000_000);
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues($"x-ratelimit-{name}").Single();
}
