using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>What goes over the wire around the messages: paths, keys, headers, sizes, ports, the end.</summary>
public sealed class HttpTests
{
    private const int Bound = Simulation.Bound;

    [Fact(Timeout = Bound)]
    public async Task Every_response_names_its_request_and_the_limits()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 1 } });
        using var good = await simulation.PostAsync(Simulation.Body("Hi"));
        using var limited = await simulation.PostAsync(Simulation.Body("Hi"));
        using var bad = await simulation.PostAsync("{}");
        using var stray = await simulation.Http.GetAsync("/v2/other");

        foreach (var response in new[] { good, limited, bad, stray })
        {
            response.Headers.GetValues("request-id").Single().ShouldStartWith("req_");
            response.Headers.GetValues("anthropic-organization-id").Single().ShouldBe("org_simulated");
            foreach (var limit in new[] { "requests", "tokens", "input-tokens", "output-tokens" })
            {
                foreach (var part in new[] { "limit", "remaining", "reset" })
                    response.Headers.Contains($"anthropic-ratelimit-{limit}-{part}").ShouldBeTrue($"{response.StatusCode} lacks {limit}-{part}");
            }

            response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        }

        good.Headers.GetValues("anthropic-ratelimit-requests-remaining").Single().ShouldBe("0");
        // One request is gone, and one a minute comes back: full at the next minute of the simulator's clock.
        good.Headers.GetValues("anthropic-ratelimit-requests-reset").Single().ShouldBe("2026-01-01T00:01:00Z");
        good.Headers.GetValues("anthropic-ratelimit-tokens-limit").Single().ShouldBe("2400000");
        // Rounded to thousands.
        good.Headers.GetValues("anthropic-ratelimit-input-tokens-remaining").Single().ShouldBe("2000000");
    }

    [Fact(Timeout = Bound)]
    public async Task Without_limits_no_header_speaks_of_them()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { Limits = SimulatedLimits.None });
        using var response = await simulation.PostAsync(Simulation.Body("Hi"));
        response.Headers.ShouldNotContain(header => header.Key.StartsWith("anthropic-ratelimit", StringComparison.OrdinalIgnoreCase));
    }

    [Theory(Timeout = Bound)]
    [InlineData("GET", "/v1/messages", HttpStatusCode.MethodNotAllowed, "invalid_request_error")]
    [InlineData("GET", "/", HttpStatusCode.NotFound, "not_found_error")]
    [InlineData("POST", "/v1/complete", HttpStatusCode.NotFound, "not_found_error")]
    public async Task Another_path_is_an_error_in_JSON(string method, string path, HttpStatusCode status, string type)
    {
        await using var simulation = await Simulation.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await simulation.Http.SendAsync(request);

        response.StatusCode.ShouldBe(status);
        JsonElement.Parse(await response.Content.ReadAsByteArrayAsync()).GetProperty("error").GetProperty("type").GetString().ShouldBe(type);
        simulation.Provider.Log.ShouldBeEmpty();
    }

    [Theory(Timeout = Bound)]
    [InlineData("x-api-key", "right", HttpStatusCode.OK)]
    [InlineData("Authorization", "Bearer right", HttpStatusCode.OK)]
    [InlineData("x-api-key", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "right", HttpStatusCode.Unauthorized)]
    [InlineData("x-other", "right", HttpStatusCode.Unauthorized)]
    public async Task A_key_may_come_in_two_ways(string header, string value, HttpStatusCode expected)
    {
        await using var simulation = await Simulation.StartAsync(options => options with { ApiKey = "right" });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(Simulation.Body("Hi"), Encoding.UTF8) };
        request.Headers.Add("anthropic-version", "2023-06-01");
        request.Headers.TryAddWithoutValidation(header, value);

        using var response = await simulation.Http.SendAsync(request);

        response.StatusCode.ShouldBe(expected);
    }

    [Fact(Timeout = Bound)]
    public async Task The_version_header_is_required()
    {
        await using var simulation = await Simulation.StartAsync();
        using var response = await simulation.Http.PostAsync("/v1/messages", new StringContent(Simulation.Body("Hi")));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldContain("anthropic-version: header is required");
    }

    [Theory(Timeout = Bound)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_more_than_32_megabytes_is_refused(bool chunked)
    {
        await using var simulation = await Simulation.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new ByteArrayContent(new byte[(32 * 1024 * 1024) + 1]) };
        request.Headers.Add("anthropic-version", "2023-06-01");
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;

        using var response = await simulation.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await response.Content.ReadAsStringAsync()).ShouldContain("request_too_large");
    }

    [Fact(Timeout = Bound)]
    public async Task A_stream_is_framed_as_documented()
    {
        await using var simulation = await Simulation.StartAsync();
        using var response = await simulation.PostAsync(Simulation.Body("Hi").Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal));

        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var frames = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        var events = frames.Select(frame => frame.Split('\n')).ToArray();
        events.ShouldAllBe(lines => lines.Length == 2 && lines[1].StartsWith("data: {\"type\":\"" + lines[0].Substring("event: ".Length) + "\""));
        events.Select(lines => lines[0]).ShouldBe(
        [
            "event: message_start", "event: content_block_start", "event: ping", "event: content_block_delta", "event: content_block_stop", "event: message_delta", "event: message_stop",
        ]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_stop_sequence_ends_the_reply()
    {
        await using var simulation = await Simulation.StartAsync(null, SimulatedReply.Text("one two three two"));
        var message = await simulation.AskAsync(Simulation.Body("Hi").Replace("{\"model\"", "{\"stop_sequences\":[\"three\",\"two\"],\"model\"", StringComparison.Ordinal));

        message.GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("one ");
        message.GetProperty("stop_reason").GetString().ShouldBe("stop_sequence");
        message.GetProperty("stop_sequence").GetString().ShouldBe("two");
    }

    [Fact(Timeout = Bound)]
    public async Task A_taken_port_is_passed_over()
    {
        await using var first = await Simulation.StartAsync();
        await using var second = await Simulation.StartAsync(options => options with { Port = first.Provider.BaseAddress.Port });

        second.Provider.BaseAddress.Port.ShouldBeGreaterThan(first.Provider.BaseAddress.Port);
        second.Provider.BaseAddress.IsLoopback.ShouldBeTrue();
        using var response = await second.PostAsync(Simulation.Body("Hi"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact(Timeout = Bound)]
    public async Task After_disposal_a_request_fails_at_once_and_the_bill_stays()
    {
        var simulation = await Simulation.StartAsync();
        using var http = new HttpClient { BaseAddress = simulation.Provider.BaseAddress };
        using (await simulation.PostAsync(Simulation.Body("Hi")))
            await simulation.DisposeAsync();

        (await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync("/v1/messages"))).InnerException.ShouldBeOfType<SocketException>();
        simulation.Provider.Bill.Requests.ShouldBe(1);
        await simulation.Provider.DisposeAsync();
    }

    [Fact(Timeout = Bound)]
    public async Task Disposal_breaks_what_is_under_way()
    {
        var asked = new TaskCompletionSource();
        var simulation = await Simulation.StartAsync(options => options with
        {
            Responder = async (_, cancellationToken) =>
            {
                asked.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                return SimulatedReply.Text("never");
            },
        });
        var request = simulation.PostAsync(Simulation.Body("Hi"));
        await asked.Task;

        await simulation.Provider.DisposeAsync();

        await Should.ThrowAsync<HttpRequestException>(() => request);
        simulation.Provider.Bill.PicoDollars.ShouldBe(0);
        simulation.Http.Dispose();
    }

    [Fact]
    public void Wrong_options_are_refused_before_anything_listens()
    {
        Func<SimulatorOptions, SimulatorOptions>[] faults =
        [
            options => options with { Models = [] },
            options => options with { Models = [Simulation.SonnetModel, Simulation.SonnetModel] },
            options => options with { Port = 70_000 },
            options => options with { Limits = new SimulatedLimits { RequestsPerMinute = 0 } },
            options => options with { Latency = new SimulatedLatency { OutputTokensPerSecond = 0 } },
        ];
        foreach (var fault in faults)
            Should.Throw<ArgumentException>(() => Simulation.StartAsync(fault));
    }
}
