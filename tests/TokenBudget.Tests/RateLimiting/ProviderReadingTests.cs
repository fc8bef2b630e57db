using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>What a provider reports corrects the limiter: its limits, and what it has counted that was not ours.</summary>
public sealed class ProviderReadingTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;
    private readonly VirtualTimeProvider _time = new();

    private TokenRateLimiter Limiter(long input = 100_000, long? requests = null) => new(
        "limit", new RateLimits { InputTokensPerMinute = input, RequestsPerMinute = requests }, _time);

    private static TokenDemand Input(long tokens) => new(tokens, 0);

    private static RateLimitReading Reading(long limit, long remaining, TimeSpan? reset = null, long rounded = 1, TimeSpan age = default) =>
        new() { InputTokens = new LimitReading(limit, remaining, reset, rounded), Age = age };

    private long Room(TokenRateLimiter limiter)
    {
        var status = limiter.GetStatus();
        return status.Effective.InputTokensPerMinute!.Value - status.InputTokens;
    }

    [Fact]
    public async Task A_lower_limit_of_the_provider_holds_until_it_rises_again()
    {
        await using var limiter = Limiter();
        limiter.Correct(Reading(40_000, 40_000));
        limiter.TryReserve(Input(40_001)).ShouldBeNull();
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(40_001)).Caller())
            .ShouldSatisfyAllConditions(e => e.RetryAfter.ShouldBeNull(), e => e.Message.ShouldContain("40,000"), e => e.Message.ShouldContain("provider"));
        limiter.Correct(Reading(400_000, 400_000));
        limiter.GetStatus().Effective.InputTokensPerMinute.ShouldBe(100_000, "more than configured is never taken");
        limiter.TryReserve(Input(100_000)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_lower_limit_nobody_repeats_is_forgotten()
    {
        await using var limiter = Limiter();
        limiter.Correct(Reading(10, 10));
        _time.Advance(TimeSpan.FromMinutes(5));
        limiter.TryReserve(Input(11)).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(1));
        limiter.TryReserve(Input(100_000)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_waits_for_more_than_the_reported_limit_is_told_at_once()
    {
        await using var limiter = Limiter();
        (await limiter.ReserveAsync(Input(60_000))).Settle(Input(60_000));
        var large = limiter.ReserveAsync(Input(90_000)).Caller();
        var small = limiter.ReserveAsync(Input(15_000)).Caller();
        limiter.Correct(Reading(80_000, 20_000));
        (await Should.ThrowAsync<RateLimitExceededException>(() => large.WaitAsync(Guard))).RetryAfter.ShouldBeNull();
        (await small.WaitAsync(Guard)).Reserved.ShouldBe(Input(15_000));
    }

    [Fact]
    public async Task What_others_used_of_the_same_key_is_held_until_the_reset()
    {
        await using var limiter = Limiter();
        (await limiter.ReserveAsync(Input(20_000))).Settle(Input(20_000));
        limiter.Correct(Reading(100_000, 30_000, TimeSpan.FromSeconds(42)));
        Room(limiter).ShouldBe(30_000);
        _time.Advance(TimeSpan.FromSeconds(41.9));
        Room(limiter).ShouldBe(30_000);
        _time.Advance(TimeSpan.FromSeconds(0.3));
        Room(limiter).ShouldBe(80_000, "only our own is left");
    }

    [Fact]
    public async Task Without_a_reset_what_others_used_is_held_for_a_minute()
    {
        await using var limiter = Limiter();
        limiter.Correct(Reading(100_000, 0));
        _time.Advance(TimeSpan.FromSeconds(59.9));
        Room(limiter).ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(0.3));
        Room(limiter).ShouldBe(100_000);
    }

    [Theory]
    [InlineData(69_000, 70_000)]
    [InlineData(70_000, 70_000)]
    [InlineData(68_000, 68_500)]
    public async Task The_nearest_thousand_is_known_to_five_hundred(long remaining, long room)
    {
        await using var limiter = Limiter();
        using var open = await limiter.ReserveAsync(Input(30_000));
        limiter.Correct(Reading(100_000, remaining, rounded: 1_000));
        // 69,000 may be 69,499, but that is still less than the 70,000 left by our own count.
        Room(limiter).ShouldBe(Math.Min(room, remaining + 500));
    }

    [Fact]
    public async Task Requests_admitted_after_the_reading_are_not_in_it()
    {
        await using var limiter = Limiter();
        (await limiter.ReserveAsync(Input(50_000))).Settle(Input(50_000));
        _time.Advance(TimeSpan.FromSeconds(1));
        (await limiter.ReserveAsync(Input(5_000))).Settle(Input(5_000));
        using var open = await limiter.ReserveAsync(Input(10_000));
        _time.Advance(TimeSpan.FromSeconds(0.2));

        // Made half a second ago: others used 30,000 beside our 50,000, and the 15,000 came later.
        limiter.Correct(Reading(100_000, 20_000, age: TimeSpan.FromSeconds(0.5)));
        Room(limiter).ShouldBe(5_000);
        limiter.Correct(Reading(100_000, 20_000, age: TimeSpan.FromSeconds(0.5)));
        Room(limiter).ShouldBe(5_000, "to hear it twice changes nothing");
    }

    [Fact]
    public async Task An_older_reading_does_not_undo_the_limit_of_a_newer_one()
    {
        await using var limiter = Limiter();
        _time.Advance(TimeSpan.FromSeconds(10));
        limiter.Correct(Reading(50_000, 50_000));
        limiter.Correct(Reading(90_000, 90_000, age: TimeSpan.FromSeconds(1)));
        limiter.GetStatus().Effective.InputTokensPerMinute.ShouldBe(50_000);
    }

    [Fact]
    public async Task A_reading_never_makes_room()
    {
        await using var limiter = Limiter();
        (await limiter.ReserveAsync(Input(90_000))).Settle(Input(90_000));
        limiter.Correct(Reading(100_000, 100_000));
        Room(limiter).ShouldBe(10_000);
    }

    [Fact]
    public async Task Readings_that_mean_nothing_change_nothing()
    {
        await using var limiter = Limiter();
        foreach (var reading in new LimitReading[]
        {
            new(null, null), new(0, 0), new(-1, -1), new(-1, 0), new(null, 0), new(100_000, -1), new(100_000, 100_001),
            new(100_000, null, TimeSpan.MaxValue), new(100_000, 0, TimeSpan.MinValue), new(long.MaxValue, long.MaxValue, TimeSpan.MaxValue, long.MinValue),
        })
            limiter.Correct(new RateLimitReading { InputTokens = reading, Requests = reading with { Limit = null }, Age = TimeSpan.MinValue });
        limiter.Correct(Reading(100_000, 0, age: TimeSpan.MaxValue));
        Room(limiter).ShouldBe(100_000);
    }

    [Fact]
    public async Task Requests_are_corrected_too()
    {
        await using var limiter = Limiter(requests: 10);
        limiter.Correct(new RateLimitReading { Requests = new LimitReading(10, 2) });
        limiter.TryReserve(Input(1)).ShouldNotBeNull();
        limiter.TryReserve(Input(1)).ShouldNotBeNull();
        limiter.TryReserve(Input(1)).ShouldBeNull();
    }
}
