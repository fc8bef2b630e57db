using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>A limiter that holds what was learned: more passes, room is kept for those that use more, and who uses still more leaves a debt.</summary>
public sealed class LearnedReservationTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;
    private static readonly TokenDemand Bound = new(100, 4_000);
    private readonly VirtualTimeProvider _time = new();

    private TokenRateLimiter Limiter(RateLimits limits) => new("limit", limits, _time);

    /// <summary>Knows that a request uses its input and 200 of 4,000.</summary>
    private static UsageEstimator Learned(TokenDemand? used = null, int answers = 100)
    {
        var estimator = new UsageEstimator();
        for (var answer = 0; answer < answers; answer++)
            estimator.Observe(Bound, used ?? new TokenDemand(100, 200));
        return estimator;
    }

    private static AdmissionTerms Terms(UsageEstimator estimator) => new() { Estimator = estimator };

    private static int AdmittedAtOnce(TokenRateLimiter limiter, UsageEstimator? estimator) =>
        Enumerable.Range(0, 1_000).Select(_ => limiter.ReserveAsync(Bound, new AdmissionTerms { Estimator = estimator })).Count(static one => one.IsCompletedSuccessfully);

    [Fact]
    public async Task A_generous_maximum_does_not_idle_the_limit()
    {
        await using var bounds = Limiter(new RateLimits { TokensPerMinute = 100_000 });
        await using var learned = Limiter(new RateLimits { TokensPerMinute = 100_000 });
        AdmittedAtOnce(bounds, null).ShouldBe(24);
        // n × 300 and √n × 3,800 beside it.
        AdmittedAtOnce(learned, Learned()).ShouldBe(168);
    }

    [Fact]
    public async Task One_alone_may_use_all_it_was_bound_to()
    {
        await using var limiter = Limiter(new RateLimits { TokensPerMinute = 4_400 });
        var estimator = Learned();
        var first = await limiter.ReserveAsync(Bound, Terms(estimator));
        (first.Reserved, first.Held).ShouldBe((Bound, new TokenDemand(100, 200)));
        var second = limiter.ReserveAsync(Bound, Terms(estimator)).Caller();
        second.IsCompleted.ShouldBeFalse("300 and 300 fit, and what one of them may use more, but not what two may");
        first.Settle(Bound);
        limiter.GetStatus().TotalTokens.ShouldBe(4_100);
        second.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(60.1));
        (await second.WaitAsync(Guard)).Dispose();
    }

    [Fact]
    public async Task As_many_as_the_root_of_those_under_way_may_use_all_at_once()
    {
        await using var limiter = Limiter(new RateLimits { TokensPerMinute = 100_000 });
        var estimator = Learned();
        var open = Enumerable.Range(0, 168).Select(_ => limiter.ReserveAsync(Bound, Terms(estimator)).Caller().Result).ToList();
        for (var index = 0; index < open.Count; index++)
            open[index].Settle(index < 12 ? Bound : new TokenDemand(100, 200));
        limiter.GetStatus().TotalTokens.ShouldBe((12 * 4_100) + (156 * 300));
        limiter.GetStatus().TotalTokens.ShouldBeLessThanOrEqualTo(100_000);
    }

    [Fact]
    public async Task What_is_used_beyond_that_is_a_debt_that_is_waited_for()
    {
        await using var limiter = Limiter(new RateLimits { TokensPerMinute = 10_000 });
        var estimator = Learned();
        var open = Enumerable.Range(0, 100).Select(_ => limiter.ReserveAsync(Bound, Terms(estimator))).TakeWhile(static one => one.IsCompleted).Select(static one => one.Result).ToList();
        open.Count.ShouldBe(5);
        foreach (var reservation in open)
            reservation.Settle(Bound);
        limiter.GetStatus().TotalTokens.ShouldBe(5 * 4_100);
        limiter.TryReserve(new TokenDemand(1, 0)).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(60.1));
        limiter.TryReserve(Bound).ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_waits_profits_from_what_is_learned_meanwhile()
    {
        await using var limiter = Limiter(new RateLimits { TokensPerMinute = 5_000 });
        var estimator = Learned(answers: 99);
        var first = await limiter.ReserveAsync(Bound, Terms(estimator));
        var waiting = Enumerable.Range(0, 2).Select(_ => limiter.ReserveAsync(Bound, Terms(estimator)).Caller()).ToList();
        estimator.Observe(Bound, new TokenDemand(100, 200));
        first.Settle(new TokenDemand(100, 200));
        (await waiting[0].WaitAsync(Guard)).Held.ShouldBe(new TokenDemand(100, 200));
        waiting[1].IsCompleted.ShouldBeFalse("300 are used, 600 held, and 3,800 × √2 kept");
        limiter.GetStatus().Waiting.ShouldBe(1);
    }

    [Fact]
    public async Task A_raised_bound_that_would_never_fit_is_the_bound_again()
    {
        await using var limiter = Limiter(new RateLimits { TokensPerMinute = 5_000 });
        var estimator = Learned(new TokenDemand(350, 200));
        (await limiter.ReserveAsync(new TokenDemand(100, 10), Terms(estimator))).Held.InputTokens.ShouldBe(350);
        (await limiter.ReserveAsync(new TokenDemand(1_500, 10), Terms(estimator)).Caller().WaitAsync(Guard)).Held.InputTokens.ShouldBe(1_500);
    }

    [Fact]
    public async Task What_can_never_fit_is_refused_by_its_bound()
    {
        await using var limiter = Limiter(new RateLimits { TokensPerMinute = 4_000 });
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Bound, Terms(Learned())).Caller().GetAwaiter().GetResult())
            .Message.ShouldContain("up to 4,100 tokens");
    }

    [Fact]
    public async Task Nobody_settles_a_reservation_and_its_bound_counts()
    {
        await using var limiter = Limiter(new RateLimits { TokensPerMinute = 10_000, ReservationLifetime = TimeSpan.FromSeconds(10) });
        await limiter.ReserveAsync(Bound, Terms(Learned()));
        limiter.GetStatus().OutputTokens.ShouldBe(200);
        _time.Advance(TimeSpan.FromSeconds(11));
        limiter.GetStatus().OutputTokens.ShouldBe(4_000);
    }

    [Fact]
    public async Task A_provider_that_charges_the_maximum_is_charged_the_maximum()
    {
        var estimator = Learned();
        foreach (var (profile, at) in new[] { (ProviderProfile.OpenAI, 4_000), (ProviderProfile.AzureOpenAI, 4_100), (ProviderProfile.Generic, 4_100), (ProviderProfile.Anthropic, 300) })
        {
            await using var limiter = Limiter(new RateLimits { TokensPerMinute = 10_000, Mode = RateLimitMode.ProviderBucket, Profile = profile });
            await limiter.ReserveAsync(Bound, Terms(estimator));
            limiter.GetStatus().TotalTokens.ShouldBe(at, profile.Name);
        }
    }

    [Fact]
    public async Task A_tenants_own_limit_holds_what_was_learned_as_well()
    {
        await using var limiter = Limiter(new RateLimits { TokensPerMinute = 1_000_000, PerTenant = new RateLimits { TokensPerMinute = 6_000 } });
        var terms = Terms(Learned()) with { Tenant = "acme" };
        await limiter.ReserveAsync(Bound, terms);
        limiter.ReserveAsync(Bound, terms).IsCompleted.ShouldBeTrue();
        limiter.ReserveAsync(Bound, terms).IsCompleted.ShouldBeFalse("900 and 3,800 × √3");
        limiter.GetStatus("acme")!.TotalTokens.ShouldBe(600);
    }

    [Fact]
    public async Task Input_that_is_known_early_makes_room_early()
    {
        await using var limiter = Limiter(new RateLimits { InputTokensPerMinute = 1_000, PerTenant = new RateLimits { InputTokensPerMinute = 1_000 } });
        var terms = new AdmissionTerms { Tenant = "acme" };
        var first = await limiter.ReserveAsync(new TokenDemand(900, 50), terms);
        var second = limiter.ReserveAsync(new TokenDemand(700, 50), terms).Caller();
        first.SettleInput(300);
        await second.WaitAsync(Guard);
        limiter.GetStatus().InputTokens.ShouldBe(1_000);
        first.SettleInput(250);
        first.Settle(new TokenDemand(250, 20));
        first.SettleInput(900);
        limiter.GetStatus().ShouldSatisfyAllConditions(status => status.InputTokens.ShouldBe(950), status => status.OutputTokens.ShouldBe(70), status => status.Open.ShouldBe(1));
        limiter.GetStatus("acme")!.InputTokens.ShouldBe(950);
        Should.Throw<ArgumentOutOfRangeException>(() => first.SettleInput(-1));
    }

    [Fact]
    public async Task Input_that_is_more_than_was_held_is_held_at_once()
    {
        await using var limiter = Limiter(new RateLimits { InputTokensPerMinute = 1_000 });
        (await limiter.ReserveAsync(new TokenDemand(100, 50))).SettleInput(1_200);
        limiter.GetStatus().InputTokens.ShouldBe(1_200);
        limiter.TryReserve(new TokenDemand(1, 0)).ShouldBeNull();
    }

    [Fact]
    public async Task A_provider_that_keeps_its_charge_keeps_it_when_input_is_known()
    {
        await using var openAI = Limiter(new RateLimits { TokensPerMinute = 1_000, Mode = RateLimitMode.ProviderBucket, Profile = ProviderProfile.OpenAI });
        (await openAI.ReserveAsync(new TokenDemand(900, 50))).SettleInput(300);
        openAI.GetStatus().TotalTokens.ShouldBe(900);

        await using var anthropic = Limiter(new RateLimits { InputTokensPerMinute = 1_000, Mode = RateLimitMode.ProviderBucket, Profile = ProviderProfile.Anthropic });
        var reservation = await anthropic.ReserveAsync(new TokenDemand(900, 50));
        reservation.SettleInput(300);
        anthropic.GetStatus().InputTokens.ShouldBe(300);
        reservation.Settle(new TokenDemand(320, 50));
        anthropic.GetStatus().InputTokens.ShouldBe(320);
    }

    [Fact]
    public async Task What_is_kept_beside_goes_when_nothing_is_open()
    {
        await using var limiter = Limiter(new RateLimits { TokensPerMinute = 1_000_000_000 });
        var random = new Random(1);
        var estimator = Learned();
        for (var round = 0; round < 50; round++)
        {
            var open = Enumerable.Range(0, 40).Select(_ => limiter.ReserveAsync(new TokenDemand(random.Next(5_000), random.Next(1, 100_000)), Terms(estimator)).Caller().Result).ToList();
            foreach (var reservation in open)
                reservation.Dispose();
        }

        limiter.GetStatus().TotalTokens.ShouldBe(0);
        limiter.TryReserve(new TokenDemand(1_000_000_000, 0)).ShouldNotBeNull();
    }
}
