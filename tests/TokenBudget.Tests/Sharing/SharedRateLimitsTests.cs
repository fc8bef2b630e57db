using TokenBudget.RateLimiting;
using TokenBudget.Sharing;

namespace TokenBudget.Tests.Sharing;

/// <summary>Processes that share a limit, played by several runtimes' parts in one process on a virtual clock.</summary>
public sealed class SharedRateLimitsTests
{
    private readonly VirtualTimeProvider _time = new();
    private readonly SwitchedStore _store;

    public SharedRateLimitsTests() => _store = new SwitchedStore(new InMemorySharedLimitStore(_time));

    [Fact]
    public async Task Eight_processes_of_fifty_callers_admit_exactly_the_limit()
    {
        await using var processes = new Group(this, 8, new RateLimits { RequestsPerMinute = 123 });
        var admitted = 0;
        var callers = processes.Limiters.SelectMany(limiter => Enumerable.Range(0, 50).Select(async _ =>
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), _time);
            try
            {
                (await limiter.ReserveAsync(new TokenDemand(1, 1), patience.Token)).Settle(new TokenDemand(1, 1));
                Interlocked.Increment(ref admitted);
            }
            catch (OperationCanceledException)
            {
            }
        })).ToList();

        await _time.RunAsync(Task.WhenAll(callers), () => (admitted, _store.Exchanges), stillness: 1);

        admitted.ShouldBe(123);
    }

    [Fact]
    public async Task What_one_does_not_use_another_gets()
    {
        await using var processes = new Group(this, 2, new RateLimits { TokensPerMinute = 1_000 });
        (await RunAsync(processes.Limiters[0].ReserveAsync(new TokenDemand(900, 0)).AsTask())).Settle(default);
        (await RunAsync(processes.Limiters[1].ReserveAsync(new TokenDemand(900, 0)).AsTask())).Reserved.InputTokens.ShouldBe(900);
    }

    [Fact]
    public async Task One_large_request_is_not_starved_by_many_small_ones_elsewhere()
    {
        await using var processes = new Group(this, 3, new RateLimits { TokensPerMinute = 1_000 });
        using var stop = new CancellationTokenSource();
        var flood = processes.Limiters.Skip(1).SelectMany(limiter => Enumerable.Range(0, 20).Select(async _ =>
        {
            try
            {
                while (true)
                {
                    (await limiter.ReserveAsync(new TokenDemand(50, 0), stop.Token)).Settle(new TokenDemand(50, 0));
                }
            }
            catch (OperationCanceledException)
            {
            }
        })).ToList();
        await RunAsync(Task.Delay(TimeSpan.FromSeconds(30), _time));

        var started = _time.GetUtcNow();
        (await RunAsync(processes.Limiters[0].ReserveAsync(new TokenDemand(800, 0)).AsTask())).Dispose();

        (_time.GetUtcNow() - started).ShouldBeLessThan(TimeSpan.FromMinutes(3));
        await stop.CancelAsync();
        await Task.WhenAll(flood);
    }

    [Theory]
    [InlineData(Trouble.Throws)]
    [InlineData(Trouble.Hangs)]
    public async Task While_the_store_is_away_fail_closed_decides_within_300_ms(Trouble trouble)
    {
        await using var processes = new Group(this, 2, new RateLimits { TokensPerMinute = 1_000, WhenStoreIsAway = StoreFallback.FailClosed });
        (await RunAsync(processes.Limiters[0].ReserveAsync(new TokenDemand(100, 0)).AsTask())).Settle(new TokenDemand(100, 0));
        _store.Trouble = trouble;
        var started = _time.GetUtcNow();

        await Should.ThrowAsync<SharedLimitUnavailableException>(() => RunAsync(processes.Limiters[0].ReserveAsync(new TokenDemand(900, 0)).AsTask()));

        (_time.GetUtcNow() - started).ShouldBeLessThanOrEqualTo(TimeSpan.FromMilliseconds(300));
        processes.Sharing[0].IsAway.ShouldBeTrue();
        await RunAsync(Task.Delay(TimeSpan.FromSeconds(3), _time));
        processes.Limiters[0].TryReserve(new TokenDemand(1, 0)).ShouldBeNull("the lease is over");

        _store.Trouble = Trouble.None;
        started = _time.GetUtcNow();
        RateReservation? back = null;
        await RunAsync(Task.Run(async () =>
        {
            while ((back = processes.Limiters[0].TryReserve(new TokenDemand(1, 0))) is null)
                await Task.Delay(TimeSpan.FromMilliseconds(20), _time);
        }));
        (_time.GetUtcNow() - started).ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task While_the_store_is_away_a_local_share_is_what_was_lent_and_later_an_equal_part()
    {
        await using var processes = new Group(this, 2, new RateLimits { TokensPerMinute = 1_000 });
        (await RunAsync(processes.Limiters[0].ReserveAsync(new TokenDemand(800, 0)).AsTask())).Settle(new TokenDemand(800, 0));
        await RunAsync(Task.Delay(TimeSpan.FromSeconds(5), _time));
        _store.Trouble = Trouble.Throws;
        await RunAsync(Task.Delay(TimeSpan.FromSeconds(10), _time));

        await Should.ThrowAsync<SharedLimitUnavailableException>(() => RunAsync(processes.Limiters[1].ReserveAsync(new TokenDemand(600, 0)).AsTask()));
        processes.Limiters[1].TryReserve(new TokenDemand(400, 0)).ShouldBeNull("the other has used 800 of this minute");

        await RunAsync(Task.Delay(TimeSpan.FromSeconds(70), _time));
        processes.Limiters.ShouldAllBe(limiter => limiter.TryReserve(new TokenDemand(501, 0)) == null);
        processes.Limiters.ShouldAllBe(limiter => limiter.TryReserve(new TokenDemand(500, 0)) != null);
    }

    [Fact]
    public async Task While_the_store_is_away_an_open_limit_is_each_process_own()
    {
        await using var processes = new Group(this, 2, new RateLimits { TokensPerMinute = 1_000, WhenStoreIsAway = StoreFallback.Open });
        await RunAsync(Task.Delay(TimeSpan.FromSeconds(1), _time));
        _store.Trouble = Trouble.Throws;
        await RunAsync(Task.Delay(TimeSpan.FromSeconds(1), _time));

        processes.Limiters.ShouldAllBe(limiter => limiter.TryReserve(new TokenDemand(1_000, 0)) != null);

        _store.Trouble = Trouble.None;
        await RunAsync(Task.Delay(TimeSpan.FromSeconds(2), _time));
        processes.Limiters.ShouldAllBe(limiter => limiter.TryReserve(new TokenDemand(1, 0)) == null, "what was used alone is counted");
    }

    [Fact]
    public async Task A_process_that_never_reached_the_store_has_no_part_of_the_limit()
    {
        _store.Trouble = Trouble.Hangs;
        await using var processes = new Group(this, 1, new RateLimits { TokensPerMinute = 1_000 });

        await Should.ThrowAsync<SharedLimitUnavailableException>(() => RunAsync(processes.Limiters[0].ReserveAsync(new TokenDemand(1, 0)).AsTask()));
    }

    [Fact]
    public async Task A_process_that_ends_leaves_what_it_used_and_no_more()
    {
        await using var processes = new Group(this, 2, new RateLimits { TokensPerMinute = 1_000 });
        (await RunAsync(processes.Limiters[0].ReserveAsync(new TokenDemand(300, 0)).AsTask())).Settle(new TokenDemand(300, 0));
        await processes.Sharing[0].DisposeAsync();

        (await RunAsync(processes.Limiters[1].ReserveAsync(new TokenDemand(700, 0)).AsTask())).Settle(new TokenDemand(700, 0));
        var next = processes.Limiters[1].ReserveAsync(new TokenDemand(100, 0)).AsTask();
        await RunAsync(Task.Delay(TimeSpan.FromSeconds(50), _time));
        next.IsCompleted.ShouldBeFalse();
        await RunAsync(next);
    }

    [Fact]
    public async Task Requests_open_at_the_same_time_are_shared_too()
    {
        await using var processes = new Group(this, 2, new RateLimits { MaxConcurrentRequests = 3 });
        var open = new List<RateReservation>();
        for (var i = 0; i < 3; i++)
            open.Add(await RunAsync(processes.Limiters[i % 2].ReserveAsync(new TokenDemand(1, 0)).AsTask()));
        var fourth = processes.Limiters[0].ReserveAsync(new TokenDemand(1, 0)).AsTask();
        await RunAsync(Task.Delay(TimeSpan.FromSeconds(5), _time));
        fourth.IsCompleted.ShouldBeFalse();
        _store.Exchanges.ShouldBeLessThan(200, "those who wait for others do not ask all the time");

        open[1].Settle(default);
        await RunAsync(fourth);
    }

    private async Task<T> RunAsync<T>(Task<T> work)
    {
        await RunAsync((Task)work);
        return await work;
    }

    private Task RunAsync(Task work) => _time.RunAsync(work, () => _store.Exchanges, stillness: 1);

    public enum Trouble
    {
        None, Throws, Hangs,
    }

    private sealed class Group : IAsyncDisposable
    {
        private readonly SwitchedStore _store;

        public Group(SharedRateLimitsTests test, int count, RateLimits limits)
        {
            _store = test._store;
            for (var i = 0; i < count; i++)
            {
                Limiters.Add(new TokenRateLimiter("l", limits, test._time));
                Sharing.Add(new SharedRateLimits(test._store, test._time));
                Sharing[i].Join(Limiters[i]);
            }
        }

        public List<TokenRateLimiter> Limiters { get; } = [];

        public List<SharedRateLimits> Sharing { get; } = [];

        public async ValueTask DisposeAsync()
        {
            // Nobody moves the clock any more for those who would wait for it.
            _store.Trouble = Trouble.None;
            foreach (var sharing in Sharing)
                await sharing.DisposeAsync();
            foreach (var limiter in Limiters)
                await limiter.DisposeAsync();
        }
    }

    private sealed class SwitchedStore(ISharedLimitStore inner) : ISharedLimitStore
    {
        private int _exchanges;

        public int Exchanges => Volatile.Read(ref _exchanges);

        public Trouble Trouble { get; set; }

        public ValueTask<IReadOnlyList<LimitShare>> ExchangeAsync(
            Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _exchanges);
            return Trouble switch
            {
                Trouble.Throws => throw new IOException("away"),
                Trouble.Hangs => new ValueTask<IReadOnlyList<LimitShare>>(new TaskCompletionSource<IReadOnlyList<LimitShare>>().Task),
                _ => inner.ExchangeAsync(holder, sequence, bids, terms, cancellationToken),
            };
        }
    }
}
