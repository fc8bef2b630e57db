using System.Net;
using System.Text.Json;

namespace TokenBudget.Testing.Tests;

/// <summary>OpenAI's buckets, on a virtual clock.</summary>
public sealed class OpenAIRateLimitTests
{
    private const int Bound = Simulation.Bound;

    [Fact(Timeout = Bound)]
    public async Task The_charge_is_the_larger_of_max_tokens_and_the_characters()
    {
        await using var simulation = await Limited(new SimulatedLimits { TokensPerMinute = 30_000 });

        await StatusAsync(simulation, maxTokens: 20_000, characters: 4_000);
        simulation.Provider.Log[0].ChargedTokens.ShouldBe(20_000);
        await StatusAsync(simulation, maxTokens: 100, characters: 4_001);
        simulation.Provider.Log[1].ChargedTokens.ShouldBe(1_001);
        await StatusAsync(simulation, maxTokens: null, characters: 8);
        simulation.Provider.Log[2].ChargedTokens.ShouldBe(2);
    }

    [Fact(Timeout = Bound)]
    public async Task A_refusal_says_when_to_the_millisecond()
    {
        await using var simulation = await Limited(new SimulatedLimits { TokensPerMinute = 30_000 });
        await StatusAsync(simulation, 18_928);

        using var refused = await AskAsync(simulation, 11_159);

        // The figures of a public error report: 87 tokens are missing, 500 come back in a second.
        var error = JsonElement.Parse(await refused.Content.ReadAsByteArrayAsync()).GetProperty("error");
        error.GetProperty("message").GetString().ShouldBe(OpenAIErrors.TokenRateLimit.Message);
        error.GetProperty("type").GetString().ShouldBe("tokens");
        error.GetProperty("code").GetString().ShouldBe("rate_limit_exceeded");
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        simulation.Provider.Log[1].RetryAfter.ShouldBe(TimeSpan.FromMilliseconds(174));
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(174) - TimeSpan.FromTicks(1));
        (await StatusAsync(simulation, 11_159)).ShouldBe(HttpStatusCode.TooManyRequests);
        simulation.Clock.Advance(TimeSpan.FromTicks(1));
        (await StatusAsync(simulation, 11_159)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact(Timeout = Bound)]
    public async Task What_can_never_fit_says_so_and_must_not_be_sent_again()
    {
        await using var simulation = await Limited(new SimulatedLimits { TokensPerMinute = 30_000 });

        using var refused = await AskAsync(simulation, 31_538);
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter.ShouldBeNull();
        (await refused.Content.ReadAsStringAsync()).ShouldContain("Request too large for gpt-4o in organization org-simulated on tokens per min (TPM): Limit 30000, Requested 31538.");
        await AskAsync(simulation, 31_538);

        simulation.Provider.GetVerdict().Of(SimulatorFindingKind.ForbiddenRetry).Select(finding => finding.Request!.Number).ShouldBe([2]);
    }

    [Fact(Timeout = Bound)]
    public async Task Failed_requests_count()
    {
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Limits = new SimulatedLimits { RequestsPerMinute = 3 },
            Faults = FaultPlan.InOrder(SimulatedFault.InternalError),
        });
        (await StatusAsync(simulation, 1)).ShouldBe(HttpStatusCode.InternalServerError);
        await simulation.AskAsync("""{"model":"gpt-4o","messages":[{"role":"tool","tool_call_id":"x","content":"y"}]}""");
        (await StatusAsync(simulation, 1)).ShouldBe(HttpStatusCode.OK);

        using var refused = await AskAsync(simulation, 1);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.");
        simulation.Provider.Log.Select(exchange => exchange.Status).ShouldBe([500, 400, 200, 429]);
    }

    [Fact(Timeout = Bound)]
    public async Task A_refused_request_counts_and_the_wait_that_is_told_holds()
    {
        await using var simulation = await Limited(new SimulatedLimits { RequestsPerMinute = 60 });
        for (var request = 0; request < 60; request++)
            await StatusAsync(simulation, 1);
        simulation.Clock.Advance(TimeSpan.FromMilliseconds(500));

        // Half a request was back; the refusal has used it up.
        (await StatusAsync(simulation, 1)).ShouldBe(HttpStatusCode.TooManyRequests);
        simulation.Provider.Log[^1].RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        simulation.Clock.Advance(TimeSpan.FromSeconds(1));
        (await StatusAsync(simulation, 1)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory(Timeout = Bound)]
    [InlineData(false, "28999")]
    [InlineData(true, "29989")]
    public async Task The_charge_may_be_corrected_to_the_usage(bool corrects, string remaining)
    {
        await using var simulation = await Limited(new SimulatedLimits { TokensPerMinute = 30_000, CorrectToActualUsage = corrects });
        await StatusAsync(simulation, 1_000);

        // 9 tokens of prompt and 1 of answer. The request after that costs one more, which its header shows.
        using var next = await AskAsync(simulation, 1);

        next.Headers.GetValues("x-ratelimit-remaining-tokens").Single().ShouldBe(remaining);
    }

    [Theory(Timeout = Bound)]
    [InlineData("requests per day (RPD): Limit 2, Used 2, Requested 1. Please try again in 12h0m0s.", 2L, null)]
    [InlineData("tokens per day (TPD): Limit 2000, Used 2000, Requested 1000. Please try again in 12h0m0s.", null, 2_000L)]
    public async Task There_are_limits_by_the_day(string message, long? requests, long? tokens)
    {
        await using var simulation = await Limited(new SimulatedLimits { RequestsPerDay = requests, TokensPerDay = tokens });
        for (var request = 0; request < 2; request++)
            (await StatusAsync(simulation, 1_000)).ShouldBe(HttpStatusCode.OK);

        using var refused = await AskAsync(simulation, 1_000);

        (await refused.Content.ReadAsStringAsync()).ShouldContain(message);
        refused.Headers.GetValues(requests is null ? "x-ratelimit-limit-tokens" : "x-ratelimit-limit-requests").Single().ShouldBe(requests is null ? "2000" : "2");
    }

    [Fact(Timeout = Bound)]
    public async Task Retry_after_may_be_absent()
    {
        await using var simulation = await Simulation.StartAsync(options => options with { SendsRetryAfter = false, Limits = new SimulatedLimits { RequestsPerMinute = 1 } });
        await StatusAsync(simulation, 1);

        using var refused = await AskAsync(simulation, 1);

        refused.Headers.RetryAfter.ShouldBeNull();
        (await refused.Content.ReadAsStringAsync()).ShouldContain("Please try again in 1m0s.");
        await StatusAsync(simulation, 1);
        // A 429 that says nothing about waiting is not one that forbids.
        simulation.Provider.GetVerdict().Of(SimulatorFindingKind.ForbiddenRetry).ShouldBeEmpty();
    }

    [Fact]
    public void A_day_of_a_billion_tokens_does_not_overflow()
    {
        var now = DateTimeOffset.UnixEpoch;
        var bucket = new TokenBucket(10_000_000_000, TimeSpan.FromDays(1), now);
        bucket.Take(25_000_000_000, now);

        bucket.TimeUntilFull(now).ShouldBe(TimeSpan.FromDays(2.5));
        bucket.Remaining(now + TimeSpan.FromDays(2)).ShouldBe(5_000_000_000);
    }

    private static Task<Simulation> Limited(SimulatedLimits limits) => Simulation.StartAsync(options => options with { Limits = limits });

    private static Task<HttpResponseMessage> AskAsync(Simulation simulation, int? maxTokens, int characters = 2) =>
        simulation.PostAsync(Simulation.GptBody(new string('a', characters), maxTokens is null ? "" : $"\"max_tokens\":{maxTokens},"));

    private static async Task<HttpStatusCode> StatusAsync(Simulation simulation, int? maxTokens, int characters = 2)
    {
        using var response = await AskAsync(simulation, maxTokens, characters);
        return response.StatusCode;
    }
}
