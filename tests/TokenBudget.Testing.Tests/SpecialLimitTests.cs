using System.Globalization;
using System.Net;

namespace TokenBudget.Testing.Tests;

/// <summary>Limits that not every account meets: sharp rises, workspaces, seconds, and the rules of older models.</summary>
public sealed class SpecialLimitTests
{
    private const int Bound = Simulation.Bound;

    /// <summary>92 tokens and 8 of framing.</summary>
    private static readonly string Hundred = new('a', 340);

    [Theory(Timeout = Bound)]
    [InlineData(false, "maximum usage increase rate")]
    [InlineData(true, "slow_down")]
    public async Task A_sharp_rise_is_refused_though_the_buckets_have_room(bool isOpenAI, string word)
    {
        await using var simulation = await Limited(new SimulatedLimits { TokensPerMinute = 1_000_000, Acceleration = new SimulatedAcceleration(MaxGrowth: 1.5, FreeTokens: 400) });
        // 400 are free, and are no measure for more: of 400 in the minute before, 600 may come; of 600, 900.
        foreach (var allowed in new[] { 4, 6, 9 })
        {
            for (var request = 0; request < allowed; request++)
                (await StatusAsync(simulation, isOpenAI)).ShouldBe(HttpStatusCode.OK, $"{request} of {allowed}");
            using (var refused = await simulation.PostAsync(Body(isOpenAI)))
            {
                refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
                (await refused.Content.ReadAsStringAsync()).ShouldContain(word);
                // What was sent leaves the minute and becomes the measure, all at once.
                refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(60));
            }

            simulation.Clock.Advance(TimeSpan.FromSeconds(60));
        }

        // Two idle minutes, and only what is free is allowed again.
        simulation.Clock.Advance(TimeSpan.FromMinutes(2));
        for (var request = 0; request < 4; request++)
            (await StatusAsync(simulation, isOpenAI)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(simulation, isOpenAI)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact(Timeout = Bound)]
    public async Task A_workspace_has_limits_of_its_own_below_the_organisations()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Limits = new SimulatedLimits { RequestsPerMinute = 5 },
            WorkspaceLimits = new Dictionary<string, SimulatedLimits> { ["team"] = new() { RequestsPerMinute = 2 } },
        });

        using (var first = await AskAsync("team"))
        {
            // The tighter one is told.
            first.Headers.GetValues("anthropic-ratelimit-requests-limit").Single().ShouldBe("2");
            first.Headers.GetValues("anthropic-ratelimit-requests-remaining").Single().ShouldBe("1");
        }

        (await AskAsync("team")).Dispose();
        using (var refused = await AskAsync("team"))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            (await refused.Content.ReadAsStringAsync()).ShouldContain("your workspace of 2 requests per minute");
        }

        // Others have what is left of the organisation's; that a workspace is used up is not their matter, and the refused one cost nothing.
        for (var request = 0; request < 3; request++)
        {
            using var other = await AskAsync("other");
            other.StatusCode.ShouldBe(HttpStatusCode.OK);
            other.Headers.GetValues("anthropic-ratelimit-requests-limit").Single().ShouldBe("5");
        }

        using (var refused = await AskAsync("other"))
            (await refused.Content.ReadAsStringAsync()).ShouldContain("your organization of 5 requests per minute");
        // Then the workspace is held up by the organisation, although it has room of its own again.
        simulation.Clock.Advance(TimeSpan.FromSeconds(12));
        (await AskAsync("other")).Dispose();
        simulation.Clock.Advance(TimeSpan.FromSeconds(11));
        using (var refused = await AskAsync("team"))
            (await refused.Content.ReadAsStringAsync()).ShouldContain("your workspace");
        simulation.Clock.Advance(TimeSpan.FromSeconds(7));
        using (var admitted = await AskAsync("team"))
            admitted.StatusCode.ShouldBe(HttpStatusCode.OK);

        Task<HttpResponseMessage> AskAsync(string key) => simulation.PostAsync(Simulation.Body("Hi"), ("x-api-key", key));
    }

    [Fact(Timeout = Bound)]
    public async Task A_project_of_OpenAI_is_named_as_such_and_its_key_is_good()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            ApiKey = "right",
            Limits = new SimulatedLimits { RequestsPerMinute = 5 },
            WorkspaceLimits = new Dictionary<string, SimulatedLimits> { ["team"] = new() { RequestsPerMinute = 1 } },
        });

        (await simulation.PostAsync(Simulation.GptBody("Hi"), ("authorization", "Bearer team"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        var refused = await simulation.AskTextAsync(Simulation.GptBody("Hi"), ("authorization", "Bearer team"));

        refused.ShouldContain("Rate limit reached for gpt-4o in project proj-simulated on requests per min (RPM): Limit 1, Used 1, Requested 1.");
    }

    [Theory(Timeout = Bound)]
    [InlineData(60, 1, 1_000)]
    [InlineData(6, 1, 10_000)]
    [InlineData(600, 10, 100)]
    public async Task A_limit_by_the_minute_may_be_enforced_by_the_second(int perMinute, int atOnce, int spacingMilliseconds)
    {
        await using var simulation = await Limited(new SimulatedLimits { RequestsPerMinute = perMinute, EnforcesRequestsBySecond = true });
        for (var request = 0; request < atOnce; request++)
            (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.OK);
        for (var request = 0; request < 3; request++)
        {
            using (var refused = await simulation.PostAsync(Body()))
            {
                refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
                (await refused.Content.ReadAsStringAsync()).ShouldContain("requests per second");
                // The headers speak of the minute, in which there is room.
                refused.Headers.GetValues("anthropic-ratelimit-requests-limit").Single().ShouldBe(perMinute.ToString(CultureInfo.InvariantCulture));
                refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(Math.Ceiling(spacingMilliseconds / 1_000.0)));
            }

            simulation.Clock.Advance(TimeSpan.FromMilliseconds(spacingMilliseconds) - TimeSpan.FromTicks(1));
            (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.TooManyRequests);
            simulation.Clock.Advance(TimeSpan.FromTicks(1));
            (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.OK);
        }

        // Who waits longer saves nothing beyond a second's worth.
        simulation.Clock.Advance(TimeSpan.FromMinutes(1));
        for (var request = 0; request < atOnce; request++)
            (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact(Timeout = Bound)]
    public async Task The_older_rule_reserves_max_tokens_and_gives_back_what_was_not_used()
    {
        await using var simulation = await Limited(new SimulatedLimits { OutputTokensPerMinute = 1_000, ReservesMaxTokens = true }, SimulatedReply.Text(Hundred), SimulatedReply.Text("ok"));

        // A request that could never be reserved for is refused, whatever it would use.
        (await StatusAsync(simulation, maxTokens: 1_001)).ShouldBe(HttpStatusCode.TooManyRequests);
        using (var answered = await simulation.PostAsync(Body(maxTokens: 1_000)))
        {
            answered.StatusCode.ShouldBe(HttpStatusCode.OK);
            // The headers go out before the end is known.
            answered.Headers.GetValues("anthropic-ratelimit-output-tokens-remaining").Single().ShouldBe("0");
        }

        // 92 of 1,000 used: 908 are back.
        (await StatusAsync(simulation, maxTokens: 909)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await StatusAsync(simulation, maxTokens: 908)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory(Timeout = Bound)]
    [InlineData(false, HttpStatusCode.OK)]
    [InlineData(true, HttpStatusCode.TooManyRequests)]
    public async Task With_older_models_what_is_read_from_the_cache_counts(bool counts, HttpStatusCode third)
    {
        // 2,000 of a cached prefix and a question: written once, read twice.
        await using var simulation = await Limited(new SimulatedLimits { InputTokensPerMinute = 4_100, CountsCachedInput = counts });
        var body = $$$"""
            {"model":"{{{Simulation.Sonnet}}}","max_tokens":10,"system":[{"type":"text","text":"{{{new string('s', 7_388)}}}","cache_control":{"type":"ephemeral"}}],
             "messages":[{"role":"user","content":"Hi"}]}
            """;

        foreach (var expected in new[] { HttpStatusCode.OK, HttpStatusCode.OK, third })
        {
            using var response = await simulation.PostAsync(body);
            response.StatusCode.ShouldBe(expected);
        }

        simulation.Provider.Log[1].CacheReadTokens.ShouldBe(2_000);
    }

    [Fact(Timeout = Bound)]
    public async Task The_priority_tier_has_headers_of_its_own()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            SendsPriorityHeaders = true,
            Limits = new SimulatedLimits { InputTokensPerMinute = 60_000, OutputTokensPerMinute = 30_000 },
        });
        using var response = await simulation.PostAsync(Body());

        Values("anthropic-priority-input-tokens").ShouldBe(["60000", "60000", "2026-01-01T00:00:01Z"]);
        Values("anthropic-priority-output-tokens").ShouldBe(["30000", "30000", "2026-01-01T00:00:01Z"]);
        Values("anthropic-ratelimit-input-tokens").ShouldBe(["60000", "60000", "2026-01-01T00:00:01Z"]);

        string[] Values(string name) => [.. ((string[])["limit", "remaining", "reset"]).Select(what => response.Headers.GetValues($"{name}-{what}").Single())];
    }

    [Fact(Timeout = Bound)]
    public async Task Without_the_tier_there_are_none()
    {
        await using var simulation = await Limited(new SimulatedLimits());
        using var response = await simulation.PostAsync(Body());

        response.Headers.ShouldNotContain(header => header.Key.StartsWith("anthropic-priority-", StringComparison.OrdinalIgnoreCase));
    }

    private static Task<Simulation> Limited(SimulatedLimits limits, params SimulatedReply[] script) => Simulation.StartAsync(options => options with { Limits = limits }, script);

    private static string Body(bool isOpenAI = false, int maxTokens = 100) => isOpenAI ? Simulation.GptBody(Hundred, "\"max_tokens\":100,") : Simulation.Body(Hundred, maxTokens);

    private static async Task<HttpStatusCode> StatusAsync(Simulation simulation, bool isOpenAI = false, int maxTokens = 100)
    {
        using var response = await simulation.PostAsync(Body(isOpenAI, maxTokens));
        return response.StatusCode;
    }
}
