using System.Net;

namespace TokenBudget.Testing.Tests;

/// <summary>The three buckets, on a virtual clock.</summary>
public sealed class RateLimitTests
{
    private const int Bound = Simulation.Bound;

    /// <summary>8 tokens of framing and 3,700 characters of 1,000 tokens.</summary>
    private static readonly string ThousandAndEight = new('a', 3_700);

    [Fact(Timeout = Bound)]
    public async Task Requests_come_back_continuously()
    {
        await using var simulation = await Limited(new SimulatedLimits { RequestsPerMinute = 6 });
        for (var request = 0; request < 6; request++)
            (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.OK);

        using var refused = await simulation.PostAsync(Simulation.Body("Hi"));
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(10));
        (await refused.Content.ReadAsStringAsync()).ShouldContain("6 requests per minute");

        simulation.Clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.TooManyRequests);
        simulation.Clock.Advance(TimeSpan.FromTicks(1));
        (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact(Timeout = Bound)]
    public async Task Input_is_charged_before_the_reply_and_retry_after_is_rounded_up()
    {
        await using var simulation = await Limited(new SimulatedLimits { InputTokensPerMinute = 1_500 });
        using var first = await simulation.PostAsync(Simulation.Body(ThousandAndEight));
        first.Headers.GetValues("anthropic-ratelimit-input-tokens-limit").Single().ShouldBe("1500");
        first.Headers.GetValues("anthropic-ratelimit-input-tokens-remaining").Single().ShouldBe("0");
        // 1,008 tokens at 25 a second are 40.32 s.
        first.Headers.GetValues("anthropic-ratelimit-input-tokens-reset").Single().ShouldBe("2026-01-01T00:00:41Z");

        // 1,008 wanted, 492 there: 516 tokens at 25 a second are 20.64 s.
        using var refused = await simulation.PostAsync(Simulation.Body(ThousandAndEight));
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(21));
        (await refused.Content.ReadAsStringAsync()).ShouldContain("1,500 input tokens per minute");

        simulation.Clock.Advance(TimeSpan.FromSeconds(21));
        using var second = await simulation.PostAsync(Simulation.Body(ThousandAndEight));
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        simulation.Provider.Bill.RateLimited.ShouldBe(1);
        simulation.Provider.GetVerdict().WorstMinute.InputTokens.ShouldBe(2_016);
    }

    [Fact(Timeout = Bound)]
    public async Task What_can_never_fit_is_refused_even_by_a_full_bucket()
    {
        await using var simulation = await Limited(new SimulatedLimits { InputTokensPerMinute = 1_000 });
        using var refused = await simulation.PostAsync(Simulation.Body(ThousandAndEight));

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact(Timeout = Bound)]
    public async Task Output_goes_into_debt_and_max_tokens_has_no_part_in_it()
    {
        await using var simulation = await Limited(
            new SimulatedLimits { OutputTokensPerMinute = 600 },
            SimulatedReply.Text(new string('a', 3_330)),
            SimulatedReply.Text("ok"));

        // 900 tokens from a bucket of 600: 300 in debt, so 30 s to zero and 0.1 s to the first token.
        using var first = await simulation.PostAsync(Simulation.Body("Hi", maxTokens: 60_000));
        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var refused = await simulation.PostAsync(Simulation.Body("Hi"));
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(31));
        (await refused.Content.ReadAsStringAsync()).ShouldContain("600 output tokens per minute");

        simulation.Clock.Advance(TimeSpan.FromSeconds(30.1));
        (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact(Timeout = Bound)]
    public async Task Tokens_read_from_the_cache_are_free_for_the_limit()
    {
        const string Cached = """{"model":"claude-sonnet-4-5","max_tokens":9,"cache_control":{"type":"ephemeral"},"messages":[{"role":"user","content":"{0}"}]}""";
        var body = Cached.Replace("{0}", new string('a', 5_550), StringComparison.Ordinal);
        await using var simulation = await Limited(new SimulatedLimits { InputTokensPerMinute = 1_600 });

        for (var request = 0; request < 5; request++)
        {
            using var response = await simulation.PostAsync(body);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        simulation.Provider.Bill.CacheReadTokens.ShouldBe(4 * 1_508);
    }

    [Fact(Timeout = Bound)]
    public async Task Classes_have_their_own_buckets()
    {
        var haiku = SimulatedModel.FromUsdPerMillionTokens("claude-haiku-4-5", 1m, 5m) with { LimitClass = "haiku" };
        await using var simulation = await Simulation.StartAsync(options => options with
        {
            Models = [Simulation.SonnetModel, haiku],
            LimitsByClass = new Dictionary<string, SimulatedLimits> { ["haiku"] = new() { RequestsPerMinute = 1 } },
        });
        var ask = Simulation.Body("Hi").Replace(Simulation.Sonnet, haiku.Id, StringComparison.Ordinal);

        using var first = await simulation.PostAsync(ask);
        using var second = await simulation.PostAsync(ask);

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        second.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        second.Headers.GetValues("anthropic-ratelimit-requests-limit").Single().ShouldBe("1");
        (await StatusAsync(simulation)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact(Timeout = Bound)]
    public async Task Racing_clients_are_admitted_exactly_up_to_the_limit()
    {
        await using var simulation = await Limited(new SimulatedLimits { RequestsPerMinute = 7 });
        var statuses = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => StatusAsync(simulation)));

        statuses.Count(status => status == HttpStatusCode.OK).ShouldBe(7);
        simulation.Provider.Bill.RateLimited.ShouldBe(33);
        simulation.Provider.Log.Select(exchange => exchange.Number).ShouldBe(Enumerable.Range(1, 40));
    }

    [Fact]
    public void A_bucket_is_exact_over_odd_spans_and_long_idling()
    {
        var now = DateTimeOffset.UnixEpoch;
        var bucket = new TokenBucket(7, TimeSpan.FromMinutes(1), now);
        bucket.Take(7, now);
        for (var step = 0; step < 1_000; step++)
        {
            now += TimeSpan.FromTicks(599_999);
            bucket.Remaining(now).ShouldBe((long)(step + 1) * 599_999 * 7 / TimeSpan.TicksPerMinute);
        }

        bucket.Take(1_000_000, now);
        var wait = bucket.TimeUntil(1, now);
        bucket.Has(1, now + wait - TimeSpan.FromTicks(1)).ShouldBeFalse();
        bucket.Has(1, now + wait).ShouldBeTrue();
        bucket.Remaining(now + TimeSpan.FromDays(36_500)).ShouldBe(7);
    }

    private static Task<Simulation> Limited(SimulatedLimits limits, params SimulatedReply[] script) =>
        Simulation.StartAsync(options => options with { Limits = limits }, script);

    private static async Task<HttpStatusCode> StatusAsync(Simulation simulation)
    {
        using var response = await simulation.PostAsync(Simulation.Body("Hi"));
        return response.StatusCode;
    }
}
