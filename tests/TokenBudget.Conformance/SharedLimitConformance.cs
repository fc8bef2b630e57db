using System.Diagnostics;
using Shouldly;
using TokenBudget.Sharing;
using Xunit;

namespace TokenBudget.Conformance;

/// <summary>What every store of shared limits promises. A store's test project derives from it.</summary>
public abstract class SharedLimitConformance : IAsyncLifetime
{
    private static readonly ShareTerms Long = new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), WorksAlone: true);
    private static readonly Guid[] Holders = [.. Enumerable.Range(1, 8).Select(static i => new Guid(i, 0, 0, new byte[8]))];

    private ISharedLimitStore _store = null!;

    /// <summary>A store in which nothing is lent.</summary>
    protected abstract Task<ISharedLimitStore> CreateAsync();

    /// <summary>Empties the store behind its back, as an operator may.</summary>
    protected abstract Task EmptyAsync();

    /// <summary>Copies what the store holds; <see langword="null"/>, it cannot be copied.</summary>
    /// <returns>Puts the copy back behind the store's back.</returns>
    protected virtual Task<Func<Task>?> CopyAsync() => Task.FromResult<Func<Task>?>(null);

    protected ISharedLimitStore Store => _store;

    public async Task InitializeAsync() => _store = await CreateAsync();

    public virtual async Task DisposeAsync()
    {
        if (_store is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    [ConformanceFact]
    public async Task The_first_gets_what_it_wants_and_the_next_what_is_left()
    {
        (await BidAsync(0, 1, new ShareBid("l", 100, 0, 70, 0, 0))).ShouldBe(new LimitShare(70, 100, 100, 1, false));
        var second = await BidAsync(1, 1, new ShareBid("l", 100, 0, 70, 0, 0));
        (second.Amount, second.IsContested, second.Fair, second.Holders, second.Alone).ShouldBe((30, true, 50, 2, 0));
        var first = await BidAsync(0, 2, new ShareBid("l", 100, 70, 70, 0, 100));
        (first.Amount, first.Fair, first.Alone).ShouldBe((70, 50, 50));
        (await BidAsync(1, 2, new ShareBid("l", 100, 30, 70, 0, 0))).Alone.ShouldBe(0, "the first may not have heard yet");
        (await BidAsync(0, 3, new ShareBid("l", 100, 50, 70, 0, 50))).Amount.ShouldBe(50);
        var last = await BidAsync(1, 3, new ShareBid("l", 100, 30, 70, 0, 0));
        (last.Amount, last.Alone).ShouldBe((50, 50));
    }

    [ConformanceFact]
    public async Task Limits_of_other_names_are_other_limits()
    {
        string[] names = ["a", "A", "b/c", "it's \"x\"\0", "\ud800", new string('é', 300)];
        var bids = names.Select(static name => new ShareBid(name, 10, 0, 10, 0, 0)).ToList();
        (await _store.ExchangeAsync(Holders[0], 1, bids, Long)).Select(share => share.Amount).ShouldAllBe(amount => amount == 10);
        (await _store.ExchangeAsync(Holders[1], 1, [.. Enumerable.Reverse(bids)], Long)).Select(share => share.Amount).ShouldAllBe(amount => amount == 0);
    }

    [ConformanceFact]
    public async Task The_answer_is_in_the_order_of_the_bids()
    {
        var bids = Enumerable.Range(1, 30).Select(i => new ShareBid($"limit {i * 7 % 31}", 1_000, 0, i, 0, 0)).ToList();
        (await _store.ExchangeAsync(Holders[0], 1, bids, Long)).Select(share => share.Amount).ShouldBe(Enumerable.Range(1, 30).Select(i => (long)i));
    }

    [ConformanceFact]
    public async Task An_exchange_that_comes_after_a_later_one_changes_nothing()
    {
        await BidAsync(0, 5, new ShareBid("l", 100, 0, 80, 0, 0));
        (await BidAsync(0, 4, new ShareBid("l", 100, 0, 0, 0, 0))).Amount.ShouldBe(80);
        (await BidAsync(0, 5, new ShareBid("l", 100, 0, 0, 0, 0))).Amount.ShouldBe(80);
        (await BidAsync(1, 1, new ShareBid("l", 100, 0, 100, 0, 0))).Amount.ShouldBe(20);
    }

    [ConformanceFact]
    public async Task What_was_used_without_leave_is_counted()
    {
        await BidAsync(0, 1, new ShareBid("l", 100, 0, 60, 0, 0));
        (await BidAsync(1, 1, new ShareBid("l", 100, 90, 90, 0, 0))).Amount.ShouldBe(90);
        (await BidAsync(2, 1, new ShareBid("l", 100, 0, 10, 0, 0))).Amount.ShouldBe(0);
    }

    /// <summary>However many want how much: the rule is the same in every store, to the last unit.</summary>
    [ConformanceFact]
    public async Task Every_store_lends_by_the_same_rule()
    {
        var rule = new InMemorySharedLimitStore();
        var random = new Random(20261121);
        var amounts = new long[Holders.Length];
        var alone = new long[Holders.Length];
        for (var i = 1; i <= 400; i++)
        {
            var which = random.Next(i < 200 ? 3 : Holders.Length);
            var holds = random.NextInt64(amounts[which] + 1);
            // One alone may starve: of several, the order would be that of the two clocks.
            var needs = which == 0 ? random.NextInt64(100) : 0;
            var bid = new ShareBid("l", 100, holds, holds + random.NextInt64(80), needs, alone[which]);
            var terms = Long with { WorksAlone = which % 3 != 0 };

            var expected = (await rule.ExchangeAsync(Holders[which], i, [bid], terms))[0];
            (await _store.ExchangeAsync(Holders[which], i, [bid], terms))[0].ShouldBe(expected, $"exchange {i}: {bid}");
            (amounts[which], alone[which]) = (expected.Amount, expected.Alone);
        }
    }

    /// <summary>The same while the store is emptied now and then and processes tell what they have heard; they are asked in turn, so that the first after that may be one that has only now come.</summary>
    [ConformanceFact]
    public async Task An_emptied_store_lends_nobody_more_than_it_holds()
    {
        const long Capacity = 100;
        var rule = new InMemorySharedLimitStore();
        var random = new Random(20261122);
        var amounts = new long[Holders.Length];
        var alone = new long[Holders.Length];
        var heard = new long[Holders.Length];
        for (var i = 1; i <= 400; i++)
        {
            if (i % 90 == 0)
            {
                await EmptyAsync();
                rule.Clear();
            }

            var which = random.Next(Math.Min(Holders.Length, 2 + (i / 45)));
            // The last one missed an answer.
            var holds = random.NextInt64(amounts[which] + 1);
            amounts[which] = holds;
            var bid = new ShareBid("l", Capacity, holds, holds + random.NextInt64(80), 0, alone[which]) { Heard = heard[which] };
            var expected = (await rule.ExchangeAsync(Holders[which], i, [bid], Long))[0];
            var share = (await _store.ExchangeAsync(Holders[which], i, [bid], Long))[0];
            share.ShouldBe(expected, $"exchange {i}: {bid}");
            if (random.Next(5) > 0)
                (amounts[which], alone[which], heard[which]) = (share.Amount, share.Alone, i);
            amounts.Sum().ShouldBeLessThanOrEqualTo(Capacity, $"exchange {i}");
            if (i > 90)
                share.Amount.ShouldBe(holds, "what was forgotten is not over");
        }
    }

    [ConformanceFact]
    public async Task What_an_emptied_store_has_forgotten_is_free_once_it_is_over()
    {
        var terms = new ShareTerms(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300), WorksAlone: false);
        await _store.ExchangeAsync(Holders[0], 1, [new ShareBid("l", 100, 0, 80, 0, 0)], terms);
        await EmptyAsync();
        (await _store.ExchangeAsync(Holders[1], 1, [new ShareBid("l", 100, 0, 100, 0, 0)], terms))[0].Amount.ShouldBe(0, "others may not have told yet");
        var told = Stopwatch.StartNew();
        (await _store.ExchangeAsync(Holders[0], 2, [new ShareBid("l", 100, 80, 100, 0, 0) { Heard = 1 }], terms))[0].Amount.ShouldBe(80);
        for (var sequence = 2; ; sequence++)
        {
            await _store.ExchangeAsync(Holders[0], sequence + 1, [new ShareBid("l", 100, 80, 80, 0, 0) { Heard = sequence }], terms);
            var share = (await _store.ExchangeAsync(Holders[1], sequence, [new ShareBid("l", 100, 0, 20, 0, 0) { Heard = sequence - 1 }], terms))[0];
            var passed = told.Elapsed;
            if (share.Amount > 0)
            {
                share.Amount.ShouldBe(20);
                passed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(550));
                break;
            }

            passed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    [ConformanceFact]
    public async Task A_store_that_was_emptied_while_nobody_used_it_lends_after_the_lifetime_of_a_share()
    {
        var terms = new ShareTerms(TimeSpan.FromMilliseconds(200), TimeSpan.FromHours(1), WorksAlone: false);
        await EmptyAsync();
        var asked = Stopwatch.StartNew();
        for (var sequence = 1; (await _store.ExchangeAsync(Holders[0], sequence, [new ShareBid("l", 100, 0, 100, 0, 0) { Heard = sequence - 1 }], terms))[0].Amount == 0; sequence++)
        {
            asked.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        asked.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(150));
    }

    [ConformanceFact]
    public async Task A_store_restored_from_a_copy_is_told_by_the_first_that_knows_better()
    {
        await BidAsync(0, 1, new ShareBid("l", 100, 0, 20, 0, 0));
        await BidAsync(1, 1, new ShareBid("l", 100, 0, 10, 0, 0));
        if (await CopyAsync() is not { } restore)
            return;
        await BidAsync(0, 2, new ShareBid("l", 100, 20, 70, 0, 0) { Heard = 1 });
        (await BidAsync(1, 2, new ShareBid("l", 100, 10, 10, 0, 0) { Heard = 1 })).Amount.ShouldBe(10);
        await restore();

        (await BidAsync(1, 3, new ShareBid("l", 100, 10, 90, 0, 0) { Heard = 2 })).Amount.ShouldBe(10, "the copy says that 70 are free");
        (await BidAsync(2, 1, new ShareBid("l", 100, 0, 50, 0, 0))).Amount.ShouldBe(0);
        (await BidAsync(0, 3, new ShareBid("l", 100, 70, 90, 0, 0) { Heard = 2 })).Amount.ShouldBe(70);
    }

    [ConformanceFact]
    public async Task One_that_needs_more_than_its_part_comes_first()
    {
        for (var i = 0; i < 3; i++)
            await BidAsync(i, 1, new ShareBid("l", 90, 0, 90, i == 2 ? 60 : 0, 0));
        (await BidAsync(0, 2, new ShareBid("l", 90, 90, 90, 0, 0))).Fair.ShouldBe(15);
        await BidAsync(0, 3, new ShareBid("l", 90, 15, 90, 0, 0));
        (await BidAsync(1, 2, new ShareBid("l", 90, 0, 90, 0, 0))).Amount.ShouldBe(15);
        (await BidAsync(2, 2, new ShareBid("l", 90, 0, 90, 60, 0))).Amount.ShouldBe(60);
    }

    [ConformanceFact]
    public async Task A_share_that_is_not_renewed_is_taken_for_its_time_and_free_after_it()
    {
        var terms = new ShareTerms(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300), WorksAlone: false);
        await _store.ExchangeAsync(Holders[0], 1, [new ShareBid("l", 100, 0, 100, 0, 0)], terms);
        var lent = Stopwatch.StartNew();
        for (var sequence = 1; ; sequence++)
        {
            var share = (await _store.ExchangeAsync(Holders[1], sequence, [new ShareBid("l", 100, 0, 100, 0, 0)], terms))[0];
            var passed = lent.Elapsed;
            if (share.Amount > 0)
            {
                passed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(550));
                share.ShouldBe(new LimitShare(100, 0, 100, 1, false));
                break;
            }

            passed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    [ConformanceFact]
    public async Task Shares_never_add_up_to_more_than_the_limit_whoever_asks_at_the_same_time()
    {
        const long Capacity = 1_000;
        var shares = new long[Holders.Length];
        await Task.WhenAll(Holders.Select((holder, which) => Task.Run(async () =>
        {
            var random = new Random(which);
            for (var sequence = 1; sequence <= 40; sequence++)
            {
                var holds = random.NextInt64(shares[which] + 1);
                Volatile.Write(ref shares[which], holds);
                var share = (await _store.ExchangeAsync(holder, sequence, [new ShareBid("l", Capacity, holds, holds + random.NextInt64(600), 0, 0)], Long))[0];
                Volatile.Write(ref shares[which], share.Amount);
            }
        })));

        // Asked again without giving anything back: what the store has on record is what was told.
        for (var which = 0; which < Holders.Length; which++)
            (await _store.ExchangeAsync(Holders[which], 41, [new ShareBid("l", Capacity, shares[which], shares[which], 0, 0)], Long))[0].Amount.ShouldBe(shares[which]);
        shares.Sum().ShouldBeInRange(1, Capacity);
    }

    private async Task<LimitShare> BidAsync(int holder, long sequence, ShareBid bid) => (await _store.ExchangeAsync(Holders[holder], sequence, [bid], Long))[0];
}
