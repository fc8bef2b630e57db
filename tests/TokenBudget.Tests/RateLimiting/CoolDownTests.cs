using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>After a provider's "wait": silence, one probe, then the others spread out.</summary>
public sealed class CoolDownTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;
    private readonly VirtualTimeProvider _time = new();

    private TokenRateLimiter Limiter() => new("limit", new RateLimits { TokensPerMinute = 1_000_000 }, _time);

    private static TokenDemand One => new(1, 0);

    [Fact]
    public async Task Two_hundred_limited_callers_send_one_probe_and_are_all_served()
    {
        await using var limiter = Limiter();
        var start = _time.GetUtcNow();
        limiter.PauseUntil(start + TimeSpan.FromSeconds(30));
        var callers = Enumerable.Range(0, 200).Select(_ => limiter.ReserveAsync(One).Caller()).ToList();
        _time.Advance(TimeSpan.FromSeconds(29.999));
        callers.Count(static caller => caller.IsCompleted).ShouldBe(0, "nobody is early");
        limiter.GetStatus().PausedFor.ShouldBe(TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        callers.Count(static caller => caller.IsCompleted).ShouldBe(1, "one probe");
        _time.Advance(TimeSpan.FromSeconds(1));
        callers.Count(static caller => caller.IsCompleted).ShouldBe(1);

        (await callers[0].WaitAsync(Guard)).Settle(One);
        var served = new List<int> { callers.Count(static caller => caller.IsCompleted) };
        for (var step = 0; step < 10; step++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.25));
            served.Add(callers.Count(static caller => caller.IsCompleted));
        }

        served.ShouldBe([3, 7, 15, 31, 63, 127, 200, 200, 200, 200, 200]);
        limiter.TryReserve(One).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_refused_probe_pauses_all_the_others_again()
    {
        await using var limiter = Limiter();
        limiter.PauseFor(TimeSpan.FromSeconds(5));
        var callers = Enumerable.Range(0, 20).Select(_ => limiter.ReserveAsync(One).Caller()).ToList();
        _time.Advance(TimeSpan.FromSeconds(5));
        var probe = await callers[0].WaitAsync(Guard);
        limiter.Correct(new RateLimitReading { RetryAfter = TimeSpan.FromSeconds(7), Refused = true });
        probe.Settle(default);
        _time.Advance(TimeSpan.FromSeconds(6.9));
        callers.Count(static caller => caller.IsCompleted).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        callers.Count(static caller => caller.IsCompleted).ShouldBe(2, "the next probe");
    }

    [Fact]
    public async Task A_probe_of_which_nothing_is_heard_has_passed()
    {
        await using var limiter = Limiter();
        limiter.PauseFor(TimeSpan.FromSeconds(5));
        var callers = Enumerable.Range(0, 3).Select(_ => limiter.ReserveAsync(One).Caller()).ToList();
        _time.Advance(TimeSpan.FromSeconds(6.99));
        callers.Count(static caller => caller.IsCompleted).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(0.01));
        callers.Count(static caller => caller.IsCompleted).ShouldBe(3);
    }

    [Fact]
    public async Task A_probe_that_was_never_sent_passes_the_part_on()
    {
        await using var limiter = Limiter();
        limiter.PauseFor(TimeSpan.FromSeconds(5));
        var callers = Enumerable.Range(0, 3).Select(_ => limiter.ReserveAsync(One).Caller()).ToList();
        _time.Advance(TimeSpan.FromSeconds(5));
        (await callers[0].WaitAsync(Guard)).Dispose();
        callers.Count(static caller => caller.IsCompleted).ShouldBe(2);
    }

    [Fact]
    public async Task Headers_of_a_good_answer_let_the_others_follow_before_the_answer_is_complete()
    {
        await using var limiter = Limiter();
        limiter.PauseFor(TimeSpan.FromSeconds(5));
        var callers = Enumerable.Range(0, 3).Select(_ => limiter.ReserveAsync(One).Caller()).ToList();
        limiter.Correct(new RateLimitReading());
        _time.Advance(TimeSpan.FromSeconds(5));
        callers.Count(static caller => caller.IsCompleted).ShouldBe(1, "an answer of before the pause shows nothing");
        _time.Advance(TimeSpan.FromSeconds(0.5));
        limiter.Correct(new RateLimitReading { Refused = true });
        limiter.Correct(new RateLimitReading { Age = TimeSpan.FromSeconds(1) });
        callers.Count(static caller => caller.IsCompleted).ShouldBe(1);
        limiter.Correct(new RateLimitReading());
        callers.Count(static caller => caller.IsCompleted).ShouldBe(3);
    }

    [Fact]
    public async Task Of_several_pauses_the_latest_end_counts()
    {
        await using var limiter = Limiter();
        limiter.PauseFor(TimeSpan.FromSeconds(9));
        limiter.PauseFor(TimeSpan.FromSeconds(3));
        limiter.PauseFor(TimeSpan.FromSeconds(-3));
        limiter.PauseUntil(DateTimeOffset.MinValue);
        limiter.GetStatus().PausedFor.ShouldBe(TimeSpan.FromSeconds(9));
        limiter.TryReserve(One).ShouldBeNull();
        limiter.PauseFor(TimeSpan.MaxValue);
        limiter.GetStatus().PausedFor.ShouldBe(TimeSpan.FromDays(1), "nobody is silent for ever because of one header");
    }

    [Fact]
    public async Task A_full_queue_says_how_long_the_pause_is()
    {
        await using var limiter = new TokenRateLimiter("limit", new RateLimits { RequestsPerMinute = 10, QueueLimit = 0 }, _time);
        limiter.PauseFor(TimeSpan.FromSeconds(90));
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(One).Caller()).RetryAfter.ShouldBe(TimeSpan.FromSeconds(90));
    }
}
