using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>Callers that cannot wait for ever are told at once how long it would take, and requests at the same time are limited.</summary>
public sealed class DeadlineTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;
    private readonly VirtualTimeProvider _time = new();

    private static TokenDemand Input(long tokens) => new(tokens, 0);

    private static AdmissionTerms Within(double seconds, RatePriority priority = RatePriority.Normal) =>
        new() { MaxWait = TimeSpan.FromSeconds(seconds), Priority = priority };

    private TokenRateLimiter Limiter(long tokens, int? concurrent = null) =>
        new("limit", new RateLimits { TokensPerMinute = tokens, MaxConcurrentRequests = concurrent }, _time);

    [Fact]
    public async Task Who_would_wait_too_long_fails_fast_with_the_wait_it_would_have_taken()
    {
        await using var limiter = Limiter(100);
        (await limiter.ReserveAsync(Input(80))).Settle(Input(80));
        _time.Advance(TimeSpan.FromSeconds(20));
        var exception = Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(30), Within(39)).Caller());
        exception.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(40.1));
        exception.Message.ShouldContain("39");
        limiter.GetStatus().Waiting.ShouldBe(0);

        var patient = limiter.ReserveAsync(Input(30), Within(41)).Caller();
        _time.Advance(exception.RetryAfter.Value);
        (await patient.WaitAsync(Guard)).Waited.ShouldBe(exception.RetryAfter.Value, "the estimate was exact");
        _time.PendingTimers.ShouldBe(0);
    }

    [Fact]
    public async Task The_wait_counts_those_ahead_and_not_those_behind()
    {
        await using var limiter = Limiter(100);
        (await limiter.ReserveAsync(Input(100))).Settle(Input(100));
        var ahead = Enumerable.Range(0, 5).Select(_ => limiter.ReserveAsync(Input(100)).Caller()).ToList();
        var exception = Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(100), Within(300)).Caller());
        exception.RetryAfter!.Value.TotalSeconds.ShouldBeInRange(359, 361);
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(100), Within(1, RatePriority.High)).Caller())
            .RetryAfter!.Value.TotalSeconds.ShouldBeInRange(60, 61, "five of lower priority are not ahead");
        limiter.GetStatus().Waiting.ShouldBe(5);
        ahead.ShouldAllBe(static caller => !caller.IsCompleted);
    }

    [Fact]
    public async Task A_deadline_that_passes_in_the_queue_ends_the_wait()
    {
        await using var limiter = Limiter(100);
        var open = await limiter.ReserveAsync(Input(60));
        (await limiter.ReserveAsync(Input(40))).Settle(Input(40));
        var caller = limiter.ReserveAsync(Input(70), Within(70)).Caller();
        var behind = limiter.ReserveAsync(Input(30)).Caller();
        _time.Advance(TimeSpan.FromSeconds(69.9));
        caller.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        (await Should.ThrowAsync<RateLimitExceededException>(() => caller.WaitAsync(Guard))).RetryAfter.ShouldBe(TimeSpan.FromMinutes(1));
        (await behind.WaitAsync(Guard)).Reserved.ShouldBe(Input(30));
        open.Dispose();
        _time.PendingTimers.ShouldBe(0);
    }

    [Fact]
    public async Task A_caller_that_cannot_wait_at_all_is_admitted_or_refused()
    {
        await using var limiter = Limiter(100);
        (await limiter.ReserveAsync(Input(60), Within(0))).Settle(Input(60));
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(60), Within(0)).Caller());
        limiter.GetStatus().ShouldSatisfyAllConditions(status => status.Waiting.ShouldBe(0), status => status.InputTokens.ShouldBe(60));
    }

    [Fact]
    public async Task A_pause_counts_as_waiting()
    {
        await using var limiter = Limiter(100);
        limiter.PauseFor(TimeSpan.FromSeconds(30));
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(1), Within(29)).Caller()).RetryAfter.ShouldBe(TimeSpan.FromSeconds(30));
        var caller = limiter.ReserveAsync(Input(1), Within(31)).Caller();
        _time.Advance(TimeSpan.FromSeconds(30));
        caller.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task Only_so_many_are_open_at_the_same_time()
    {
        await using var limiter = Limiter(1_000, concurrent: 3);
        var open = new List<RateReservation>();
        for (var request = 0; request < 3; request++)
            open.Add(await limiter.ReserveAsync(Input(10)));
        limiter.TryReserve(Input(10)).ShouldBeNull();
        var waiting = limiter.ReserveAsync(Input(10)).Caller();
        _time.Advance(TimeSpan.FromMinutes(2));
        waiting.IsCompleted.ShouldBeFalse("time does not help");
        open[0].Settle(Input(10));
        open[0].Settle(Input(10));
        (await waiting.WaitAsync(Guard)).Id.ShouldBe(4);
        limiter.TryReserve(Input(10)).ShouldBeNull();
        open[1].Dispose();
        limiter.TryReserve(Input(10)).ShouldNotBeNull();
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(10), Within(5)).Caller()).RetryAfter.ShouldBe(TimeSpan.FromMinutes(1), "nobody knows");
    }

    [Fact]
    public async Task Handles_of_the_same_reservation_settle_once_and_never_settle_the_next_one_in_its_place()
    {
        await using var limiter = Limiter(1_000);
        var first = await limiter.ReserveAsync(Input(10));
        var copy = first;
        first.Settle(Input(7));
        var second = await limiter.ReserveAsync(Input(20));
        copy.Dispose();
        copy.Settle(Input(500));
        limiter.GetStatus().ShouldSatisfyAllConditions(status => status.InputTokens.ShouldBe(27), status => status.Open.ShouldBe(1));
        second.Dispose();
        default(RateReservation).Dispose();
        default(RateReservation).Settle(Input(5));
        limiter.GetStatus().InputTokens.ShouldBe(7);
    }
}
