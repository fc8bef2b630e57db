using System.Globalization;
using System.Net;
using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>Headers, clocks, limits and usage that are not what they should be.</summary>
public sealed class HeaderFaultTests
{
    private const int Bound = Simulation.Bound;

    [Theory(Timeout = Bound)]
    [InlineData(Simulation.Sonnet, "anthropic-ratelimit-requests-limit")]
    [InlineData(Simulation.Gpt, "x-ratelimit-limit-requests")]
    public async Task Rate_limit_headers_are_spoiled(string model, string name)
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Limits = new SimulatedLimits { RequestsPerMinute = 77, TokensPerMinute = 100_000 },
            Faults = FaultPlan.InOrder([.. Enum.GetValues<SimulatedHeaderFault>().Select(SimulatedFault.BadHeaders)]),
        });
        var body = model == Simulation.Gpt ? Simulation.GptBody("Hi") : Simulation.Body("Hi");

        using var absent = await simulation.PostAsync(body);
        using var garbled = await simulation.PostAsync(body);
        using var doubled = await simulation.PostAsync(body);
        using var upper = await simulation.PostAsync(body);

        absent.Headers.ShouldNotContain(header => header.Key.Contains("ratelimit", StringComparison.OrdinalIgnoreCase));
        garbled.Headers.Where(header => header.Key.Contains("ratelimit", StringComparison.OrdinalIgnoreCase))
            .Count(header => long.TryParse(header.Value.Single(), NumberStyles.None, CultureInfo.InvariantCulture, out _)).ShouldBe(0);
        garbled.Headers.Contains(name).ShouldBeTrue();
        doubled.Headers.GetValues(name).ShouldBe(["77", "0"]);
        upper.Headers.ShouldContain(header => header.Key == name.ToUpperInvariant());
        upper.Headers.GetValues(name).Single().ShouldBe("77");
    }

    public static TheoryData<string, double?> Waits => new()
    {
        { "7", 7 },
        { "1.5", 1.5 },
        { "0", 0 },
        { "-1", null },
        { "soon", null },
        { "1000000000", 1_000_000_000 },
        { "99999999999999999999999999999", null },
        { "", null },
    };

    [Theory(Timeout = Bound)]
    [MemberData(nameof(Waits))]
    public async Task Retry_after_may_be_anything(string value, double? toldSeconds)
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = _ => SimulatedFault.Fail(AnthropicErrors.RateLimit with { RetryAfter = SimulatedRetryAfter.Raw(value) }),
        });
        using var response = await simulation.PostAsync(Simulation.Body("Hi"));

        response.Headers.NonValidated.TryGetValues("retry-after", out var sent).ShouldBeTrue();
        sent.Single().ShouldBe(value);
        var told = toldSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        simulation.Provider.Log.Single().RetryAfter.ShouldBe(told);
        simulation.Provider.Log.Single().MayBeRetried.ShouldBeTrue();
    }

    [Fact(Timeout = Bound)]
    public async Task Retry_after_may_be_a_date_or_milliseconds()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = FaultPlan.InOrder(
                SimulatedFault.Fail(AnthropicErrors.RateLimit with { RetryAfter = SimulatedRetryAfter.HttpDate(TimeSpan.FromSeconds(9.5)) }),
                SimulatedFault.Fail(AnthropicErrors.RateLimit with { RetryAfter = SimulatedRetryAfter.Milliseconds(1_234) }),
                SimulatedFault.Fail(AnthropicErrors.RateLimit with { RetryAfter = null })),
        });
        using var date = await simulation.PostAsync(Simulation.Body("Hi"));
        using var milliseconds = await simulation.PostAsync(Simulation.Body("Hi"));
        using var absent = await simulation.PostAsync(Simulation.Body("Hi"));

        date.Headers.RetryAfter!.Date.ShouldBe(simulation.Clock.GetUtcNow() + TimeSpan.FromSeconds(10));
        date.Headers.Date.ShouldBe(simulation.Clock.GetUtcNow());
        milliseconds.Headers.GetValues("retry-after-ms").Single().ShouldBe("1234");
        milliseconds.Headers.RetryAfter.ShouldBeNull();
        absent.Headers.RetryAfter.ShouldBeNull();
        simulation.Provider.Log.Select(exchange => exchange.RetryAfter).ShouldBe([TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1_234), null]);
    }

    [Fact(Timeout = Bound)]
    public async Task The_clock_in_the_headers_may_be_wrong()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Limits = new SimulatedLimits { RequestsPerMinute = 1 },
            Faults = _ => SimulatedFault.SkewedClock(TimeSpan.FromMinutes(-5)) with
            {
                Error = AnthropicErrors.RateLimit with { RetryAfter = SimulatedRetryAfter.HttpDate(TimeSpan.FromSeconds(10)) },
            },
        });
        using var response = await simulation.PostAsync(Simulation.Body("Hi"));

        var now = simulation.Clock.GetUtcNow();
        response.Headers.Date.ShouldBe(now - TimeSpan.FromMinutes(5));
        response.Headers.RetryAfter!.Date.ShouldBe(now - TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(10));
        response.Headers.GetValues("anthropic-ratelimit-requests-reset").Single().ShouldBe("2025-12-31T23:55:00Z");
        // What is told is the ten seconds, not the wrong clock.
        simulation.Provider.Log.Single().RetryAfter.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact(Timeout = Bound)]
    public async Task Limits_may_change_in_the_middle()
    {
        var lower = new SimulatedLimits { RequestsPerMinute = 4 };
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Limits = new SimulatedLimits { RequestsPerMinute = 100 },
            Faults = FaultPlan.At((3, SimulatedFault.ChangeLimits(lower))),
        });
        for (var request = 0; request < 6; request++)
            await simulation.AskAsync(Simulation.Body("Hi"));

        // Two are used when the limit becomes four; two more fit.
        simulation.Provider.Log.Select(exchange => exchange.Status).ShouldBe([200, 200, 200, 200, 429, 429]);
        simulation.Provider.SetLimits(lower with { RequestsPerMinute = 5 });
        using var response = await simulation.PostAsync(Simulation.Body("Hi"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.GetValues("anthropic-ratelimit-requests-limit").Single().ShouldBe("5");
        Should.Throw<ArgumentException>(() => simulation.Provider.SetLimits(lower, "no such class")).Message.ShouldContain("there are: default");
        Should.Throw<ArgumentException>(() => simulation.Provider.SetLimits(new SimulatedLimits { TokensPerDay = 0 }));
    }

    [Theory(Timeout = Bound)]
    [InlineData(Simulation.Sonnet, false)]
    [InlineData(Simulation.Sonnet, true)]
    [InlineData(Simulation.Gpt, false)]
    [InlineData(Simulation.Gpt, true)]
    public async Task Usage_may_be_missing_zero_or_wrong(string model, bool streaming)
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Faults = FaultPlan.InOrder(SimulatedFault.UsageMissing, SimulatedFault.UsageTimes(0), SimulatedFault.UsageTimes(3)),
        });
        var body = model == Simulation.Gpt ? Simulation.GptBody("Hi", streaming ? "\"stream\":true,\"stream_options\":{\"include_usage\":true}," : "")
            : streaming ? Simulation.Body("Hi").Replace("{\"model\"", "{\"stream\":true,\"model\"", StringComparison.Ordinal)
            : Simulation.Body("Hi");

        (await ReadAsync()).ShouldBe((null, null));
        (await ReadAsync()).ShouldBe((0, 0));
        (await ReadAsync()).ShouldBe((27, 3));
        simulation.Provider.Log.ShouldAllBe(exchange => exchange.InputTokens == 9 && exchange.OutputTokens == 1);

        async Task<(int? Input, int? Output)> ReadAsync()
        {
            using var response = await simulation.PostAsync(body);
            var text = await response.Content.ReadAsStringAsync();
            var documents = streaming
                ? text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line["data: ".Length..]))
                : [JsonElement.Parse(text)];
            var usage = documents.Select(document => WireJson.Optional(document, "usage")).LastOrDefault(found => found is not null);
            return usage is { } there ? (Number(there, "input_tokens", "prompt_tokens"), Number(there, "output_tokens", "completion_tokens")) : (null, null);
        }

        static int Number(JsonElement usage, params string[] names) => names.Select(name => WireJson.Optional(usage, name)).First(value => value is not null)!.Value.GetInt32();
    }
}
