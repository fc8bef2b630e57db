using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>After a provider has said that traffic grew too fast: half of it, held, then slowly more.</summary>
public sealed class SlowDownTests
{
    private readonly VirtualTimeProvider _time = new();

    private static TokenDemand Input(long tokens) => new(tokens, 0);

    private TokenRateLimiter Create(RateLimitMode mode = RateLimitMode.StrictWindow, long tokens = 6_400) =>
        new("limit", new RateLimits { TokensPerMinute = tokens, Mode = mode }, _time);

    /// <summary>How many requests of so many tokens go in the next minute when they come as fast as they can.</summary>
    private int ServedInAMinute(TokenRateLimiter limiter, long tokens)
    {
        var served = 0;
        for (var tick = 0; tick < 60; tick++)
        {
            while (limiter.TryReserve(Input(tokens)) is { } reservation)
            {
                reservation.Settle(Input(tokens));
                served++;
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return served;
    }

    [Theory]
    [InlineData(RateLimitMode.StrictWindow)]
    [InlineData(RateLimitMode.ProviderBucket)]
    public void Half_of_what_was_used_is_held_for_a_quarter_of_an_hour_and_grows_to_all(RateLimitMode mode)
    {
        using var limiter = Create(mode);
        for (var request = 0; request < 32; request++)
            limiter.TryReserve(Input(100)).ShouldNotBeNull().Settle(Input(100));

        limiter.SlowDown();

        limiter.GetStatus().Share.ShouldBe(0.25, "half of the half that was used");
        _time.Advance(TimeSpan.FromMinutes(2));
        for (var minute = 3; minute <= 15; minute++)
        {
            // A bucket that is full gives a burst once.
            ServedInAMinute(limiter, 100).ShouldBeInRange(15, mode == RateLimitMode.StrictWindow ? 16 : 33, $"minute {minute}");
            limiter.GetStatus().Share.ShouldBe(minute < 15 ? 0.25 : 0.275, 1e-9);
        }

        var before = limiter.GetStatus().Share;
        for (var minute = 0; minute < 20; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            var share = limiter.GetStatus().Share;
            share.ShouldBeInRange(before, before * 1.1000001);
            before = share;
        }

        before.ShouldBe(1);
        limiter.TryReserve(Input(6_400)).ShouldNotBeNull("all of it is back");
    }

    [Fact]
    public void Refusals_of_one_minute_are_one_and_a_later_one_halves_again()
    {
        using var limiter = Create();
        limiter.TryReserve(Input(6_400)).ShouldNotBeNull().Settle(Input(6_400));

        for (var caller = 0; caller < 200; caller++)
            limiter.SlowDown();
        limiter.GetStatus().Share.ShouldBe(0.5);

        _time.Advance(TimeSpan.FromSeconds(61));
        for (var request = 0; request < 32; request++)
            limiter.TryReserve(Input(100)).ShouldNotBeNull().Settle(Input(100));
        limiter.TryReserve(Input(100)).ShouldBeNull();
        limiter.SlowDown();
        limiter.GetStatus().Share.ShouldBe(0.25);

        for (var minute = 0; minute < 20; minute++)
        {
            _time.Advance(TimeSpan.FromSeconds(61));
            limiter.SlowDown();
        }

        limiter.GetStatus().Share.ShouldBe(1 / 64.0, "there is an end to it");
    }

    [Fact]
    public async Task What_is_larger_than_the_part_that_is_left_goes_alone_and_is_never_told_that_it_cannot_fit()
    {
        using var limiter = Create();
        limiter.TryReserve(Input(100)).ShouldNotBeNull().Settle(Input(100));
        limiter.SlowDown();
        var callers = Enumerable.Range(0, 3).Select(_ => limiter.ReserveAsync(Input(5_000)).Caller()).ToList();

        callers.ShouldAllBe(static caller => !caller.IsCompleted);
        for (var served = 0; served < 3; served++)
        {
            _time.Advance(TimeSpan.FromMinutes(2.1));
            callers.Count(static caller => caller.IsCompletedSuccessfully).ShouldBe(served + 1);
            callers[served].Result.Settle(Input(5_000));
        }

        await Task.WhenAll(callers.Select(static caller => caller.Task));
        Should.Throw<RateLimitExceededException>(() => limiter.TryReserve(Input(6_401)) is null ? limiter.ReserveAsync(Input(6_401)).Caller() : null)
            .RetryAfter.ShouldBeNull("this one is beyond the limit itself");
    }

    [Fact]
    public void Nothing_is_over_what_is_left()
    {
        using var limiter = Create();
        limiter.TryReserve(Input(6_400)).ShouldNotBeNull().Settle(Input(6_400));
        limiter.SlowDown();
        _time.Advance(TimeSpan.FromMinutes(2));
        var random = new Random(5);
        var log = new List<(long At, long Tokens)>();
        for (var step = 0; step < 5_000; step++)
        {
            var tokens = random.Next(1, 900);
            if (limiter.TryReserve(Input(tokens)) is { } reservation)
            {
                log.Add((_time.GetTimestamp(), tokens));
                reservation.Settle(Input(tokens));
            }

            _time.Advance(TimeSpan.FromMilliseconds(random.Next(200)));
        }

        log.ShouldNotBeEmpty();
        foreach (var (end, _) in log)
            log.Where(one => one.At > end - TimeSpan.TicksPerMinute && one.At <= end).Sum(static one => one.Tokens).ShouldBeLessThanOrEqualTo(3_200);
    }

    [Fact]
    public void Terms_that_mean_nothing_are_refused()
    {
        using var limiter = Create();
        Should.Throw<ArgumentOutOfRangeException>(() => limiter.ReserveAsync(Input(1), new AdmissionTerms { Weight = double.PositiveInfinity }).Caller()).Message.ShouldContain("finite");
        Should.Throw<ArgumentOutOfRangeException>(() => limiter.ReserveAsync(Input(1), new AdmissionTerms { Priority = (RatePriority)7 }).Caller()).Message.ShouldContain("High, Normal or Low");
    }
}
