using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>The mode that mirrors a provider: what each charges, when, and how it refills.</summary>
public sealed class ProviderBucketTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;
    private readonly VirtualTimeProvider _time = new();

    private TokenRateLimiter Limiter(ProviderProfile profile, long? tokens = null, long? input = null, long? output = null, long? requests = null) => new(
        "limit",
        new RateLimits
        {
            Mode = RateLimitMode.ProviderBucket, Profile = profile,
            TokensPerMinute = tokens, InputTokensPerMinute = input, OutputTokensPerMinute = output, RequestsPerMinute = requests,
        },
        _time);

    [Fact]
    public async Task OpenAI_charges_the_larger_of_input_and_longest_answer_and_keeps_it()
    {
        await using var limiter = Limiter(ProviderProfile.OpenAI, tokens: 30_000);
        var first = await limiter.ReserveAsync(new TokenDemand(10_000, 18_928));
        limiter.GetStatus().TotalTokens.ShouldBe(18_928);
        first.Settle(new TokenDemand(10_000, 5));
        limiter.GetStatus().TotalTokens.ShouldBe(18_928, "nobody says that OpenAI gives back what max_tokens asked for too much");

        // "Limit 30000, Used 18928, Requested 11159. Please try again in 174ms."
        var next = limiter.ReserveAsync(new TokenDemand(11_159, 4_000)).Caller();
        _time.Advance(TimeSpan.FromMilliseconds(173));
        next.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await next.WaitAsync(Guard)).Waited.ShouldBe(TimeSpan.FromMilliseconds(174));
    }

    [Fact]
    public async Task Anthropic_charges_input_at_once_and_output_when_it_is_there()
    {
        await using var limiter = Limiter(ProviderProfile.Anthropic, input: 1_000, output: 600);
        var first = await limiter.ReserveAsync(new TokenDemand(700, 100));
        _time.Advance(TimeSpan.FromSeconds(30));
        limiter.GetStatus().ShouldSatisfyAllConditions(
            status => status.InputTokens.ShouldBe(200, "500 have come back meanwhile"),
            status => status.OutputTokens.ShouldBe(100, "what is held does not come back"));
        first.Settle(new TokenDemand(600, 250));
        limiter.GetStatus().ShouldSatisfyAllConditions(
            status => status.InputTokens.ShouldBe(100, "corrected to what was counted"),
            status => status.OutputTokens.ShouldBe(250, "more than was held is a debt"));
        _time.Advance(TimeSpan.FromSeconds(15));
        limiter.GetStatus().OutputTokens.ShouldBe(100);
    }

    [Theory]
    [InlineData(RateLimitMode.StrictWindow, 61, 60)]
    [InlineData(RateLimitMode.ProviderBucket, 60, 119)]
    public void Who_is_refused_takes_nothing_from_those_who_are_not(RateLimitMode mode, int tooMuch, int least)
    {
        // 60 a minute, and somebody asks for too much ten times a second.
        using var limiter = new TokenRateLimiter("limit", new RateLimits { Mode = mode, TokensPerMinute = 60 }, _time);
        limiter.TryReserve(new TokenDemand(60, 0)).ShouldNotBeNull().Settle(new TokenDemand(60, 0));
        var served = 0;
        for (var tick = 1; tick <= 1_200; tick++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            limiter.TryReserve(new TokenDemand(tooMuch, 0), "greedy").ShouldBeNull();
            if (limiter.TryReserve(new TokenDemand(1, 0)) is not { } reservation)
                continue;
            reservation.Settle(new TokenDemand(1, 0));
            served++;
        }

        served.ShouldBeInRange(least, 120);
    }

    [Fact]
    public async Task Buckets_refill_continuously_so_nobody_waits_for_a_minute_to_pass()
    {
        await using var limiter = Limiter(ProviderProfile.Generic, tokens: 600);
        (await limiter.ReserveAsync(new TokenDemand(500, 100))).Settle(new TokenDemand(500, 100));
        var next = limiter.ReserveAsync(new TokenDemand(15, 0)).Caller();
        _time.Advance(TimeSpan.FromSeconds(1.5));
        (await next.WaitAsync(Guard)).Waited.ShouldBe(TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public async Task A_debt_is_paid_before_the_next_is_admitted()
    {
        await using var limiter = Limiter(ProviderProfile.Generic, tokens: 600);
        (await limiter.ReserveAsync(new TokenDemand(100, 0))).Settle(new TokenDemand(1_200, 0));
        var next = limiter.ReserveAsync(new TokenDemand(60, 0)).Caller();
        _time.Advance(TimeSpan.FromSeconds(65.9));
        next.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        next.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task Azure_holds_requests_in_shares_of_ten_seconds()
    {
        await using var limiter = Limiter(ProviderProfile.AzureOpenAI, requests: 60);
        for (var request = 0; request < 10; request++)
            limiter.TryReserve(default).ShouldNotBeNull();
        limiter.TryReserve(default).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(1));
        limiter.TryReserve(default).ShouldNotBeNull();
        limiter.TryReserve(default).ShouldBeNull();
    }

    [Fact]
    public async Task What_was_never_sent_is_given_back()
    {
        await using var limiter = Limiter(ProviderProfile.OpenAI, tokens: 100, requests: 10);
        (await limiter.ReserveAsync(new TokenDemand(50, 50))).Dispose();
        limiter.GetStatus().ShouldSatisfyAllConditions(status => status.TotalTokens.ShouldBe(0), status => status.Requests.ShouldBe(0));
    }

    [Fact]
    public async Task A_mirror_follows_the_provider_both_ways()
    {
        await using var limiter = Limiter(ProviderProfile.Anthropic, input: 60_000);
        (await limiter.ReserveAsync(new TokenDemand(40_000, 0))).Settle(new TokenDemand(40_000, 0));
        limiter.Correct(new RateLimitReading { InputTokens = new LimitReading(60_000, 50_000, RoundedTo: 1_000) });
        limiter.GetStatus().InputTokens.ShouldBe(10_500, "50,000 left may be 49,500");
        var open = await limiter.ReserveAsync(new TokenDemand(20_000, 0));
        limiter.Correct(new RateLimitReading { InputTokens = new LimitReading(60_000, 60_000) });
        limiter.GetStatus().InputTokens.ShouldBe(20_000, "the open one may not have arrived when that was said");
        limiter.Correct(new RateLimitReading { InputTokens = new LimitReading(60_000, 10_000) });
        limiter.GetStatus().InputTokens.ShouldBe(50_000);
        open.Dispose();
    }

    [Theory]
    [InlineData("anthropic", false)]
    [InlineData("OpenAI", true)]
    [InlineData("azure", true)]
    [InlineData("nobody-knows", true)]
    [InlineData(null, true)]
    public void Profiles_are_found_by_the_provider_s_name(string? provider, bool countsCached) =>
        ProviderProfile.For(provider).CountsCachedInput.ShouldBe(countsCached);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_bucket_admits_exactly_what_one_in_floating_point_would(int seed)
    {
        const long Limit = 6_000;
        var random = new Random(seed);
        await using var limiter = Limiter(ProviderProfile.Generic, tokens: Limit);
        var level = (double)Limit;
        var admitted = 0;
        for (var step = 0; step < 3_000; step++)
        {
            var tokens = random.Next(1, 400);
            if (limiter.TryReserve(new TokenDemand(tokens, 0)) is { } reservation)
            {
                reservation.Settle(reservation.Reserved);
                level -= tokens;
                admitted++;
                level.ShouldBeGreaterThan(-1e-6);
            }
            else
            {
                level.ShouldBeLessThan(tokens + 1, "a bucket of whole tokens is at most one behind");
            }

            var passed = TimeSpan.FromTicks(random.NextInt64(1, TimeSpan.TicksPerSecond * (random.Next(50) == 0 ? 90 : 2)));
            _time.Advance(passed);
            level = Math.Min(Limit, level + (passed.TotalSeconds * Limit / 60));
        }

        admitted.ShouldBeInRange(1_000, 2_900, "both happened often");
    }
}
