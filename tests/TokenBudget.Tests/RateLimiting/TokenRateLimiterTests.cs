using TokenBudget.RateLimiting;

namespace TokenBudget.Tests.RateLimiting;

/// <summary>Admission, settlement and refusal, in virtual time.</summary>
public sealed class TokenRateLimiterTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Cells of a tenth of a second are kept whole, so room comes back at most this much after the minute.
    private static readonly TimeSpan MinuteAndCell = TimeSpan.FromSeconds(60.1);

    private readonly VirtualTimeProvider _time = new();

    private TokenRateLimiter Limiter(long? tokens = null, long? input = null, long? output = null, long? requests = null, int queue = 10_000) => new(
        "limit",
        new RateLimits { TokensPerMinute = tokens, InputTokensPerMinute = input, OutputTokensPerMinute = output, RequestsPerMinute = requests, QueueLimit = queue },
        _time);

    private static TokenDemand Input(long tokens) => new(tokens, 0);

    [Fact]
    public async Task Of_fifty_concurrent_callers_exactly_twenty_fit()
    {
        await using var limiter = Limiter(tokens: 100);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = Enumerable.Range(0, 50).Select(async _ =>
        {
            await start.Task;
            return limiter.ReserveAsync(Input(5)).Caller();
        }).ToList();
        start.SetResult();
        var reservations = await Task.WhenAll(calls).WaitAsync(Eventually.Patience);
        reservations.Count(reservation => reservation.IsCompleted).ShouldBe(20);
        limiter.GetStatus().Waiting.ShouldBe(30);
        limiter.GetStatus().InputTokens.ShouldBe(100);
    }

    [Fact]
    public async Task There_is_no_burst_at_the_border_of_a_minute()
    {
        await using var limiter = Limiter(tokens: 100);
        _time.Advance(TimeSpan.FromSeconds(59.9));
        (await limiter.ReserveAsync(Input(100))).Settle(Input(100));
        _time.Advance(TimeSpan.FromSeconds(0.2));
        limiter.TryReserve(Input(1)).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(59.7));
        limiter.TryReserve(Input(1)).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(0.3));
        limiter.TryReserve(Input(100)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_queue_drains_by_the_clock_alone()
    {
        await using var limiter = Limiter(tokens: 100);
        var admitted = new List<int>();
        var callers = Enumerable.Range(0, 10).Select(async caller =>
        {
            var reservation = await limiter.ReserveAsync(Input(60));
            lock (admitted)
                admitted.Add(caller);
            reservation.Settle(Input(60));
        }).ToList();
        for (var minute = 1; minute < 10; minute++)
        {
            _time.Advance(MinuteAndCell);
            await callers[minute].WaitAsync(Eventually.Patience);
            lock (admitted)
                admitted.Count.ShouldBe(minute + 1);
        }

        admitted.ShouldBe(Enumerable.Range(0, 10));
    }

    [Fact]
    public async Task A_refund_lets_the_next_in_at_once()
    {
        await using var limiter = Limiter(tokens: 100);
        var first = await limiter.ReserveAsync(new TokenDemand(50, 50));
        var second = limiter.ReserveAsync(Input(40)).Caller();
        second.IsCompleted.ShouldBeFalse();
        first.Settle(new TokenDemand(50, 10));
        (await second.WaitAsync(Eventually.Patience)).Reserved.InputTokens.ShouldBe(40);
        limiter.GetStatus().ShouldSatisfyAllConditions(
            status => status.InputTokens.ShouldBe(90),
            status => status.OutputTokens.ShouldBe(10),
            status => status.Open.ShouldBe(1));
    }

    [Fact]
    public async Task What_is_given_back_unused_leaves_no_trace()
    {
        await using var limiter = Limiter(tokens: 100, requests: 1);
        (await limiter.ReserveAsync(Input(100))).Dispose();
        limiter.GetStatus().ShouldSatisfyAllConditions(
            status => status.Requests.ShouldBe(0),
            status => status.InputTokens.ShouldBe(0),
            status => status.Open.ShouldBe(0));
        limiter.TryReserve(Input(100)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_debt_makes_the_next_wait_until_it_is_a_minute_old()
    {
        await using var limiter = Limiter(tokens: 100);
        var first = await limiter.ReserveAsync(Input(10));
        _time.Advance(TimeSpan.FromSeconds(10));
        first.Settle(new TokenDemand(10, 150));
        var next = limiter.ReserveAsync(Input(1)).Caller();
        _time.Advance(Minute - TimeSpan.FromTicks(1));
        next.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.1) + TimeSpan.FromTicks(1));
        (await next.WaitAsync(Eventually.Patience)).Waited.ShouldBeInRange(Minute, MinuteAndCell);
    }

    [Fact]
    public async Task Only_what_fits_beside_a_large_request_passes_it()
    {
        await using var limiter = Limiter(tokens: 100);
        (await limiter.ReserveAsync(Input(50))).Settle(Input(50));
        var large = limiter.ReserveAsync(Input(90)).Caller();
        var small = limiter.ReserveAsync(Input(11)).Caller();
        limiter.TryReserve(Input(11)).ShouldBeNull("in a minute only 10 are left beside the large one");
        limiter.TryReserve(Input(4)).ShouldNotBeNull();
        var passed = limiter.ReserveAsync(Input(6)).Caller();
        passed.IsCompleted.ShouldBeTrue();
        limiter.TryReserve(Input(1)).ShouldBeNull("they are used up");
        small.IsCompleted.ShouldBeFalse();
        _time.Advance(MinuteAndCell);
        (await large.WaitAsync(Eventually.Patience)).Waited.ShouldBeInRange(Minute, MinuteAndCell);
        small.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Nobody_passes_a_request_whose_start_is_not_known()
    {
        await using var limiter = Limiter(tokens: 100);
        using var open = await limiter.ReserveAsync(Input(50));
        _ = limiter.ReserveAsync(Input(90)).Caller();
        limiter.TryReserve(Input(1)).ShouldBeNull("the open one may be settled with less at any moment");
    }

    [Fact]
    public async Task All_dimensions_hold_together()
    {
        await using var limiter = Limiter(tokens: 100, input: 80, output: 40, requests: 3);
        limiter.TryReserve(new TokenDemand(81, 0)).ShouldBeNull();
        limiter.TryReserve(new TokenDemand(0, 41)).ShouldBeNull();
        limiter.TryReserve(new TokenDemand(70, 31)).ShouldBeNull();
        limiter.GetStatus().ShouldSatisfyAllConditions(
            status => status.Requests.ShouldBe(0, "a refusal takes nothing"),
            status => status.InputTokens.ShouldBe(0));
        for (var request = 0; request < 3; request++)
            (await limiter.ReserveAsync(new TokenDemand(1, 1))).Settle(new TokenDemand(1, 1));
        limiter.TryReserve(new TokenDemand(1, 1)).ShouldBeNull();
        _time.Advance(MinuteAndCell);
        limiter.TryReserve(new TokenDemand(60, 40)).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_can_never_fit_is_refused_at_once()
    {
        await using var limiter = Limiter(tokens: 100, output: 20);
        var exception = Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(new TokenDemand(90, 11)).Caller());
        exception.RetryAfter.ShouldBeNull();
        exception.LimitName.ShouldBe("limit");
        exception.Message.ShouldContain("101 tokens");
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(new TokenDemand(0, 21)).Caller()).Message.ShouldContain("21 output tokens");
        limiter.GetStatistics()!.TotalFailedLeases.ShouldBe(2);
        limiter.GetStatus().Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Amounts_beyond_all_bounds_do_not_wrap_around()
    {
        await using var limiter = Limiter(tokens: 100);
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(new TokenDemand(long.MaxValue, long.MaxValue)).Caller());
        limiter.TryReserve(new TokenDemand(long.MaxValue, 2)).ShouldBeNull();
        limiter.TryReserve(Input(100)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Negative_amounts_are_refused()
    {
        await using var limiter = Limiter(tokens: 100);
        Should.Throw<ArgumentOutOfRangeException>(() => limiter.ReserveAsync(new TokenDemand(-1, 0)).Caller());
        Should.Throw<ArgumentOutOfRangeException>(() => limiter.TryReserve(new TokenDemand(0, -1)));
        var reservation = await limiter.ReserveAsync(Input(10));
        Should.Throw<ArgumentOutOfRangeException>(() => reservation.Settle(new TokenDemand(-5, 0)));
        limiter.GetStatus().Open.ShouldBe(1, "a wrong settlement does not close");
    }

    [Fact]
    public async Task A_full_queue_refuses_and_says_when_to_come_back()
    {
        await using var limiter = Limiter(tokens: 100, queue: 1);
        (await limiter.ReserveAsync(Input(100))).Settle(Input(100));
        _ = limiter.ReserveAsync(Input(100)).Caller();
        _time.Advance(TimeSpan.FromSeconds(20));
        var exception = Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(100)).Caller());
        exception.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(100.1), "the one that waits goes first");
    }

    [Fact]
    public async Task A_full_queue_behind_open_requests_asks_for_a_minute_and_not_for_ages()
    {
        await using var limiter = Limiter(tokens: 100, queue: 0);
        using var open = await limiter.ReserveAsync(Input(100));
        Should.Throw<RateLimitExceededException>(() => limiter.ReserveAsync(Input(1)).Caller()).RetryAfter.ShouldBe(Minute);
    }

    [Theory]
    [InlineData(RateLimitMode.StrictWindow)]
    [InlineData(RateLimitMode.ProviderBucket)]
    public async Task Settlements_that_come_three_times_in_any_order_and_after_the_reservation_has_ended_leave_the_same_balance(RateLimitMode mode)
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var random = new Random(seed);
            var limits = new RateLimits { TokensPerMinute = 100_000, Mode = mode, ReservationLifetime = TimeSpan.FromMinutes(3) };
            await using var once = new TokenRateLimiter("limit", limits, _time);
            await using var often = new TokenRateLimiter("limit", limits, _time);
            var pairs = Enumerable.Range(0, 20)
                .Select(_ => new TokenDemand(random.Next(1, 2_000), random.Next(1, 2_000)))
                .Select(demand => (Once: once.TryReserve(demand)!.Value, Often: often.TryReserve(demand)!.Value))
                .ToList();
            var settled = new HashSet<long>();
            var deliveries = Enumerable.Range(0, 60).Select(static number => number / 3).ToArray();
            random.Shuffle(deliveries);
            foreach (var index in deliveries)
            {
                var (first, again) = pairs[index];
                // Some come when the reservation is over by its time.
                _time.Advance(TimeSpan.FromSeconds(random.Next(0, 8)));
                var used = new TokenDemand(random.Next(0, 3_000), random.Next(0, 3_000));
                var isSent = random.Next(4) > 0;
                End(again);
                if (settled.Add(first.Id))
                    End(first);
                often.GetStatus().ShouldBe(once.GetStatus(), $"seed {seed}");

                void End(RateReservation reservation)
                {
                    if (isSent)
                        reservation.Settle(used);
                    else
                        reservation.Dispose();
                }
            }

            once.GetStatus().Open.ShouldBe(0);
        }
    }

    [Fact]
    public async Task The_first_settlement_counts()
    {
        await using var limiter = Limiter(tokens: 100);
        var reservation = await limiter.ReserveAsync(Input(50));
        reservation.Settle(Input(30));
        reservation.Settle(Input(50));
        reservation.Dispose();
        limiter.GetStatus().ShouldSatisfyAllConditions(
            status => status.InputTokens.ShouldBe(30),
            status => status.Requests.ShouldBe(1),
            status => status.Open.ShouldBe(0));
        limiter.TryReserve(Input(71)).ShouldBeNull();
        limiter.TryReserve(Input(70)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Unlimited_dimensions_are_counted_and_never_block()
    {
        await using var limiter = Limiter();
        for (var request = 0; request < 100; request++)
            (await limiter.ReserveAsync(new TokenDemand(1_000_000, 1_000_000))).Settle(new TokenDemand(1_000_000, 7));
        limiter.GetStatus().ShouldSatisfyAllConditions(
            status => status.InputTokens.ShouldBe(100_000_000),
            status => status.OutputTokens.ShouldBe(700));
    }
}
