using System.Threading.RateLimiting;
using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>Waiting: cancellation, forgotten reservations, clocks that jump, the end of the limiter, and the face of the base class.</summary>
public sealed class RateLimitQueueTests
{
    private static readonly TimeSpan Guard = Eventually.Patience;
    private readonly VirtualTimeProvider _time = new();

    private TokenRateLimiter Limiter(long tokens, TimeSpan? lifetime = null, TimeProvider? time = null) => new(
        "limit",
        new RateLimits { TokensPerMinute = tokens, ReservationLifetime = lifetime ?? TimeSpan.FromMinutes(15) },
        time ?? _time);

    private static TokenDemand Input(long tokens) => new(tokens, 0);

    [Fact]
    public async Task Ten_thousand_callers_cancelled_at_once_leave_nothing_behind()
    {
        await using var limiter = Limiter(100);
        (await limiter.ReserveAsync(Input(100))).Settle(Input(100));
        using var cancellation = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 10_000).Select(_ => limiter.ReserveAsync(Input(50), cancellation.Token).Caller()).ToList();
        limiter.GetStatus().Waiting.ShouldBe(10_000);
        _time.PendingTimers.ShouldBe(1);
        await cancellation.CancelAsync();
        foreach (var caller in callers)
            await Should.ThrowAsync<OperationCanceledException>(() => caller.WaitAsync(Guard));
        limiter.GetStatus().Waiting.ShouldBe(0);
        limiter.GetStatus().Open.ShouldBe(0);
        _time.PendingTimers.ShouldBe(0);
        _time.Advance(TimeSpan.FromMinutes(2));
        limiter.TryReserve(Input(100)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Whoever_cancels_at_the_head_makes_room_for_the_next()
    {
        await using var limiter = Limiter(100);
        using var open = await limiter.ReserveAsync(Input(60));
        using var cancellation = new CancellationTokenSource();
        var large = limiter.ReserveAsync(Input(90), cancellation.Token).Caller();
        var small = limiter.ReserveAsync(Input(40)).Caller();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => large.WaitAsync(Guard));
        (await small.WaitAsync(Guard)).Reserved.ShouldBe(Input(40));
    }

    [Fact]
    public async Task Who_waits_for_another_to_end_wakes_nobody_meanwhile()
    {
        await using var limiter = new TokenRateLimiter("limit", new RateLimits { TokensPerMinute = 100, MaxConcurrentRequests = 1 }, _time);
        var open = await limiter.ReserveAsync(Input(1));
        var waiting = limiter.ReserveAsync(Input(1)).Caller();
        // Room in the minute is no reason to look again; that the open one is forgotten one day is.
        _time.NextTimer.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.FromSeconds(30));
        open.Settle(Input(1));
        (await waiting.WaitAsync(Guard)).Reserved.ShouldBe(Input(1));
    }

    [Fact]
    public async Task A_cancelled_token_takes_nothing()
    {
        await using var limiter = Limiter(100);
        await Should.ThrowAsync<OperationCanceledException>(() => limiter.ReserveAsync(Input(1), new CancellationToken(canceled: true)).AsTask());
        limiter.GetStatus().ShouldSatisfyAllConditions(status => status.Requests.ShouldBe(0), status => status.Waiting.ShouldBe(0));
    }

    [Fact]
    public async Task A_cancelled_caller_and_an_admission_at_the_same_time_never_lose_tokens()
    {
        await using var limiter = Limiter(1_000_000);
        for (var round = 0; round < 300; round++)
        {
            var blocker = await limiter.ReserveAsync(Input(1_000_000));
            using var cancellation = new CancellationTokenSource();
            var caller = limiter.ReserveAsync(Input(10), cancellation.Token).Caller();
            await Task.WhenAll(Task.Run(cancellation.Cancel), Task.Run(blocker.Dispose)).WaitAsync(Guard);
            try
            {
                (await caller.WaitAsync(Guard)).Dispose();
            }
            catch (OperationCanceledException)
            {
                // Either is right; what counts is that nothing stays held.
            }

            limiter.GetStatus().ShouldSatisfyAllConditions(
                status => status.InputTokens.ShouldBe(0),
                status => status.Open.ShouldBe(0),
                status => status.Waiting.ShouldBe(0));
        }
    }

    [Fact]
    public async Task A_forgotten_reservation_is_taken_as_used_when_its_time_is_over()
    {
        await using var limiter = Limiter(100, TimeSpan.FromMinutes(5));
        var forgotten = await limiter.ReserveAsync(new TokenDemand(40, 60));
        var next = limiter.ReserveAsync(Input(41)).Caller();
        _time.Advance(TimeSpan.FromMinutes(5));
        next.IsCompleted.ShouldBeFalse();

        // Its output may have been produced at the last moment, so that counts for another minute; its input is long gone.
        _time.Advance(TimeSpan.FromSeconds(1));
        limiter.GetStatus().ShouldSatisfyAllConditions(
            status => status.Open.ShouldBe(0),
            status => status.InputTokens.ShouldBe(0),
            status => status.OutputTokens.ShouldBe(60));
        _time.Advance(TimeSpan.FromSeconds(60.1));
        await next.WaitAsync(Guard);
        forgotten.Settle(Input(99));
        limiter.GetStatus().InputTokens.ShouldBe(41, "who comes too late changes nothing");
    }

    [Fact]
    public async Task Callers_that_keep_coming_do_not_keep_the_head_of_the_queue_waiting()
    {
        await using var limiter = Limiter(100, TimeSpan.FromMinutes(2));
        _ = await limiter.ReserveAsync(Input(100));
        var head = limiter.ReserveAsync(Input(10)).Caller();
        for (var second = 0; second < 600 && !head.IsCompleted; second += 20)
        {
            _ = limiter.ReserveAsync(Input(1)).Caller();
            _time.Advance(TimeSpan.FromSeconds(20));
        }

        // The forgotten reservation ends after two minutes, and each arrival used to put the timer off for another.
        head.IsCompletedSuccessfully.ShouldBeTrue();
        (await head).Waited.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(121));
    }

    [Theory]
    [InlineData(-3_600)]
    [InlineData(-120)]
    [InlineData(-1)]
    [InlineData(3_600)]
    public async Task A_clock_that_is_set_neither_opens_nor_closes_the_limit(int seconds)
    {
        var clock = new SkewedTimeProvider(_time);
        await using var limiter = Limiter(100, time: clock);
        (await limiter.ReserveAsync(Input(50))).Settle(Input(50));
        clock.Skew = TimeSpan.FromSeconds(seconds);
        limiter.TryReserve(Input(51)).ShouldBeNull();
        (await limiter.ReserveAsync(Input(50))).Settle(Input(50));
        limiter.TryReserve(Input(1)).ShouldBeNull();
        var next = limiter.ReserveAsync(Input(100)).Caller();
        _time.Advance(TimeSpan.FromSeconds(59));
        next.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1.1));
        (await next.WaitAsync(Guard)).Waited.ShouldBeInRange(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60.1));
    }

    [Fact]
    public void Waiting_allocates_nothing_once_as_many_have_waited_before()
    {
        using var limiter = Limiter(100, time: TimeProvider.System);
        var waits = new ValueTask<RateReservation>[50];
        for (var round = 0; round < 5; round++)
            Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
            Round();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100, "5,000 have waited");

        void Round()
        {
            var holder = limiter.TryReserve(Input(100))!.Value;
            for (var caller = 0; caller < waits.Length; caller++)
                waits[caller] = limiter.ReserveAsync(Input(1));
            if (waits[0].IsCompleted)
                throw new InvalidOperationException("Nobody waited.");
            holder.Dispose();
            foreach (var wait in waits)
                wait.Result.Dispose();
        }
    }

    [Fact]
    public async Task Who_looks_too_late_finds_its_reservation_gone_and_not_that_of_another()
    {
        await using var limiter = Limiter(100);
        var holder = await limiter.ReserveAsync(Input(100));
        var late = limiter.ReserveAsync(Input(60));
        holder.Dispose();
        late.IsCompletedSuccessfully.ShouldBeTrue();

        // Nobody looks until it counts as used and its minute is over, too.
        _time.Advance(TimeSpan.FromMinutes(20));
        var others = Enumerable.Range(0, 3).Select(_ => limiter.TryReserve(Input(30))!.Value).ToList();
        var gone = await late;
        (gone.Reserved, gone.Held).ShouldBe((default, default), "it has ended");
        others[0].Reserved.ShouldBe(Input(30));
        gone.Settle(Input(60));
        gone.Dispose();

        limiter.GetStatus().ShouldSatisfyAllConditions(status => status.Open.ShouldBe(3), status => status.InputTokens.ShouldBe(90));
        foreach (var other in others)
            other.Dispose();
        limiter.GetStatus().InputTokens.ShouldBe(0);
    }

    [Fact]
    public async Task A_token_cancelled_after_its_wait_takes_nobody_out_of_the_queue_who_waits_in_the_same_place()
    {
        await using var limiter = Limiter(100);
        using var first = new CancellationTokenSource();
        for (var round = 0; round < 3; round++)
        {
            var holder = await limiter.ReserveAsync(Input(100));
            var wait = limiter.ReserveAsync(Input(1), round == 0 ? first.Token : CancellationToken.None);
            if (round > 0)
                await first.CancelAsync();
            wait.IsCompleted.ShouldBeFalse();
            holder.Dispose();
            (await wait).Dispose();
        }

        limiter.GetStatus().ShouldSatisfyAllConditions(status => status.Open.ShouldBe(0), status => status.Waiting.ShouldBe(0));
        _time.PendingTimers.ShouldBe(0);
    }

    [Fact]
    public async Task The_end_of_the_limiter_is_the_end_of_the_waiting()
    {
        var limiter = Limiter(100);
        var open = await limiter.ReserveAsync(Input(100));
        var waiting = limiter.ReserveAsync(Input(1)).Caller();
        await limiter.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(() => waiting.WaitAsync(Guard));
        Should.Throw<ObjectDisposedException>(() => limiter.ReserveAsync(Input(1)).Caller());
        Should.Throw<ObjectDisposedException>(() => limiter.TryReserve(Input(1)));
        Should.NotThrow(() => open.Settle(Input(100)));
        _time.PendingTimers.ShouldBe(0);
        limiter.Dispose();
    }

    [Fact]
    public async Task As_a_rate_limiter_one_permit_is_one_token()
    {
        await using RateLimiter limiter = Limiter(100);
        using (var lease = limiter.AttemptAcquire(90))
            lease.IsAcquired.ShouldBeTrue();
        limiter.AttemptAcquire(11).IsAcquired.ShouldBeFalse();
        limiter.AttemptAcquire(10).IsAcquired.ShouldBeTrue();
        var waiting = limiter.AcquireAsync(100).AsTask();
        var statistics = limiter.GetStatistics()!;
        statistics.CurrentAvailablePermits.ShouldBe(0);
        statistics.CurrentQueuedCount.ShouldBe(100);
        statistics.TotalSuccessfulLeases.ShouldBe(2);
        statistics.TotalFailedLeases.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(60.1));
        (await waiting.WaitAsync(Guard)).IsAcquired.ShouldBeTrue();
        (await limiter.AcquireAsync(101)).IsAcquired.ShouldBeFalse();
        limiter.IdleDuration.ShouldBeNull();
        using var cancellation = new CancellationTokenSource();
        var cancelled = limiter.AcquireAsync(5, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled.WaitAsync(Guard));
    }

    [Fact]
    public async Task Asking_for_no_permits_looks_and_takes_nothing()
    {
        await using var limiter = new TokenRateLimiter("limit", new RateLimits { TokensPerMinute = 10, RequestsPerMinute = 2 }, _time);
        for (var look = 0; look < 5; look++)
            limiter.AttemptAcquire(0).IsAcquired.ShouldBeTrue();
        (await limiter.AcquireAsync(0)).IsAcquired.ShouldBeTrue();
        limiter.GetStatus().Requests.ShouldBe(0);
        limiter.AttemptAcquire(10).IsAcquired.ShouldBeTrue();
        limiter.AttemptAcquire(0).IsAcquired.ShouldBeFalse();
    }
}
