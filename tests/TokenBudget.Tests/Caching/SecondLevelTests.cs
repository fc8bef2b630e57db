using Microsoft.Extensions.AI;
using TokenBudget.Caching;
using static TokenBudget.Tests.Caching.CacheSample;

namespace TokenBudget.Tests.Caching;

public sealed class SecondLevelTests
{
    private readonly VirtualTimeProvider _time = new();
    private readonly SharedStore _store = new();

    [Fact]
    public async Task What_one_process_stored_another_finds_streamed_or_not()
    {
        await StoreAsync("x");
        var other = Cache(_time, secondLevel: _store);
        var hit = await other.GetAsync(answer: "never asked");
        (hit.Outcome, hit.Response.Text).ShouldBe((CacheOutcome.Hit, "answer"));
        hit.Response.Usage!.InputTokenCount.ShouldBe(3);

        var third = Cache(_time, secondLevel: _store);
        CacheOutcome? outcome = null;
        var updates = await third.GetOrCreateStreamAsync(Key(), Info, static _ => throw new InvalidOperationException("asked"), known => outcome = known).ToListAsync();
        (outcome, updates.Text()).ShouldBe((CacheOutcome.Hit, "answer"));

        // From here on it is in memory too.
        var operations = _store.Operations;
        (await other.GetAsync()).Outcome.ShouldBe(CacheOutcome.Hit);
        (await third.GetAsync()).Outcome.ShouldBe(CacheOutcome.Hit);
        _store.Operations.ShouldBe(operations);
        other.GetStatistics().ShouldSatisfyAllConditions(
            statistics => (statistics.Hits, statistics.Misses, statistics.SecondLevelHits).ShouldBe((2, 0, 1)),
            statistics => (statistics.AvoidedInputTokens, statistics.AvoidedOutputTokens).ShouldBe((6, 4)));
    }

    [Fact]
    public async Task A_streamed_answer_is_found_by_another_process()
    {
        var cache = Cache(_time, secondLevel: _store);
        (await cache.GetOrCreateStreamAsync(Key(), Info, static _ => Stream(Update("one "), Update("two"), End())).ToListAsync()).Text().ShouldBe("one two");
        await Written(cache);
        (await Cache(_time, secondLevel: _store).GetAsync()).Response.Text.ShouldBe("one two");
    }

    [Fact]
    public async Task Followers_of_an_answer_found_there_have_a_hit_and_it_is_read_once()
    {
        await StoreAsync("x");
        var gate = new TaskCompletionSource();
        _store.Before = _ => gate.Task;
        var cache = Cache(_time, secondLevel: _store);
        var before = _store.Operations;
        var calls = Enumerable.Range(0, 1_000).Select(_ => cache.GetAsync(answer: "never asked").AsTask()).ToList();
        gate.SetResult();
        (await Task.WhenAll(calls)).ShouldAllBe(static result => result.Outcome == CacheOutcome.Hit && result.Response.Text == "answer");
        (_store.Operations - before).ShouldBe(5);
    }

    [Fact]
    public async Task Another_process_serves_it_no_longer_than_the_first()
    {
        await StoreAsync("x", Info with { Ttl = TimeSpan.FromMinutes(10) });
        _store.Options[_store.Answer.Key].AbsoluteExpirationRelativeToNow.ShouldBe(TimeSpan.FromMinutes(10));
        _time.Advance(TimeSpan.FromMinutes(6));
        var other = Cache(_time, secondLevel: _store);
        (await other.GetAsync(info: Info with { Ttl = TimeSpan.FromMinutes(10) })).Outcome.ShouldBe(CacheOutcome.Hit);
        _time.Advance(TimeSpan.FromMinutes(4));
        (await other.GetAsync(answer: "new", info: Info with { Ttl = TimeSpan.FromMinutes(10) })).Outcome.ShouldBe(CacheOutcome.Miss);
        other.GetStatistics().SecondLevelInvalid.ShouldBe(1);
    }

    [Fact]
    public async Task Tenants_do_not_share_an_entry_even_under_one_key()
    {
        await StoreAsync("x", Info with { Scope = "alice" });
        var other = Cache(_time, secondLevel: _store);
        (await other.GetAsync(answer: "for bob", info: Info with { Scope = "bob" })).Outcome.ShouldBe(CacheOutcome.Miss);
        (await other.GetAsync(answer: "nobody's")).Outcome.ShouldBe(CacheOutcome.Miss);
        (await other.GetAsync(info: Info with { Scope = "alice" })).Outcome.ShouldBe(CacheOutcome.Hit);

        // Not even when the store mixes its entries up.
        await Written(other);
        var (mine, _) = _store.Answers.Single(entry => entry.Value.AsSpan().IndexOf("for bob"u8) >= 0);
        var hers = _store.Answers.Single(entry => entry.Value.AsSpan().IndexOf("alice"u8) >= 0).Value;
        _store.Entries[mine] = hers;
        (await Cache(_time, secondLevel: _store).GetAsync(answer: "new", info: Info with { Scope = "bob" })).Response.Text.ShouldBe("new");
    }

    [Theory]
    [InlineData("all")]
    [InlineData("agent")]
    [InlineData("method")]
    [InlineData("scope")]
    public async Task What_is_cleared_in_one_process_is_cleared_in_all(string what)
    {
        var info = Info with { Scope = "tenant" };
        await StoreAsync("x", info);
        await StoreAsync("y", new CacheEntryInfo { Agent = "other", Method = "other", Scope = "other" });
        var clearing = Cache(_time, secondLevel: _store);
        await (what switch
        {
            "agent" => clearing.ClearAgentAsync("agent"),
            "method" => clearing.ClearMethodAsync("agent", "method"),
            "scope" => clearing.ClearScopeAsync("tenant"),
            _ => clearing.ClearAsync(),
        });
        var third = Cache(_time, secondLevel: _store);
        (await third.GetAsync("x", info: info)).Outcome.ShouldBe(CacheOutcome.Miss);
        (await third.GetAsync("y", info: new CacheEntryInfo { Agent = "other", Method = "other", Scope = "other" })).Outcome.ShouldBe(what == "all" ? CacheOutcome.Miss : CacheOutcome.Hit);
    }

    [Fact]
    public async Task What_is_being_made_while_another_process_clears_is_not_found_later()
    {
        var cache = Cache(_time, secondLevel: _store);
        var answer = new TaskCompletionSource<ChatResponse>();
        var call = cache.GetOrCreateAsync(Key(), Info, _ => answer.Task).AsTask();
        await Until(() => cache.GetStatistics().Misses == 1);
        await Cache(_time, secondLevel: _store).ClearAsync();
        answer.SetResult(Answer("old"));
        await call;
        await Written(cache);
        (await Cache(_time, secondLevel: _store).GetAsync(answer: "new")).Response.Text.ShouldBe("new");
    }

    [Fact]
    public async Task A_lost_generation_is_a_miss_and_not_an_old_answer()
    {
        await StoreAsync("x");
        foreach (var name in _store.Entries.Keys.Where(static name => name.Contains("generation", StringComparison.Ordinal)))
            _store.Entries.TryRemove(name, out _);
        (await Cache(_time, secondLevel: _store).GetAsync()).Outcome.ShouldBe(CacheOutcome.Miss);
    }

    [Fact]
    public async Task What_is_too_large_is_neither_written_nor_read()
    {
        var options = new ResponseCacheOptions { SecondLevelMaxPayloadBytes = 1024, TtlJitter = 0 };
        var cache = new ResponseCache(options, _time, _store);
        await cache.GetAsync(answer: new string('x', 2_000));
        await Written(cache);
        _store.Answers.ShouldBeEmpty();

        await StoreAsync("x");
        _store.Entries[_store.Answer.Key] = new byte[1 << 20];
        var other = new ResponseCache(options, _time, _store);
        (await other.GetAsync()).Outcome.ShouldBe(CacheOutcome.Miss);
        other.GetStatistics().SecondLevelInvalid.ShouldBe(1);
    }

    [Fact]
    public async Task A_dead_store_costs_its_timeout_five_times_and_then_nothing()
    {
        _store.Before = static token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        var cache = Cache(_time, secondLevel: _store);
        for (var i = 0; i < 5; i++)
        {
            var call = cache.GetAsync($"{i}").AsTask();
            // The entry and four generations are asked for beside the call, and must be before the time is over.
            await Until(() => (_time.NextTimer is not null && _store.Operations == 5 * (i + 1)) || call.IsCompleted);
            call.IsCompleted.ShouldBeFalse();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            (await call).Outcome.ShouldBe(CacheOutcome.Miss);
        }

        var operations = _store.Operations;
        (await cache.GetAsync("another")).Outcome.ShouldBe(CacheOutcome.Miss);
        (await cache.GetAsync("0")).Outcome.ShouldBe(CacheOutcome.Hit);
        _store.Operations.ShouldBe(operations);
        (cache.GetStatistics().SecondLevelFailures, cache.GetStatistics().SecondLevelPaused).ShouldBe((5, true));

        // One call asks again, and finds it well.
        _store.Before = static _ => Task.CompletedTask;
        _time.Advance(TimeSpan.FromSeconds(30));
        (await cache.GetAsync("later")).Outcome.ShouldBe(CacheOutcome.Miss);
        await Written(cache);
        (cache.GetStatistics().SecondLevelPaused, _store.Answers.Count()).ShouldBe((false, 1));
    }

    [Fact]
    public async Task A_store_that_throws_or_blocks_fails_no_call()
    {
        var cache = Cache(_time, secondLevel: _store);
        _store.Before = static _ => throw new InvalidOperationException("down");
        (await cache.GetAsync("thrown")).Outcome.ShouldBe(CacheOutcome.Miss);

        using var release = new ManualResetEventSlim();
        _store.Before = _ =>
        {
            release.Wait(CancellationToken.None);
            return Task.CompletedTask;
        };
        var call = cache.GetAsync("blocked").AsTask();
        await Until(() => _time.NextTimer is not null);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        (await call).Outcome.ShouldBe(CacheOutcome.Miss);
        release.Set();
    }

    [Fact]
    public async Task Who_clears_is_told_that_the_store_did_not_take_the_order_and_memory_is_cleared()
    {
        var cache = Cache(_time, secondLevel: _store);
        await cache.GetAsync();
        _store.Before = static _ => throw new InvalidOperationException("down");
        (await Should.ThrowAsync<ResponseCacheUnavailableException>(async () => await cache.ClearAsync())).InnerException!.Message.ShouldBe("down");
        cache.GetStatistics().Entries.ShouldBe(0);
    }

    [Fact]
    public async Task A_caller_who_leaves_says_nothing_about_the_store()
    {
        _store.Before = static token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        var cache = Cache(_time, secondLevel: _store);
        for (var i = 0; i < 10; i++)
        {
            using var cancel = new CancellationTokenSource();
            var call = cache.GetOrCreateAsync(Key($"{i}"), Info, static token => Task.FromCanceled<ChatResponse>(token), cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(call);
        }

        cache.GetStatistics().SecondLevelPaused.ShouldBeFalse();
    }

    [Fact]
    public async Task A_warmed_answer_is_there_for_all()
    {
        var cache = Cache(_time, secondLevel: _store);
        cache.TryStore(Key(), Info, Answer("warm")).ShouldBeTrue();
        await Written(cache);
        (await Cache(_time, secondLevel: _store).GetAsync()).Response.Text.ShouldBe("warm");
    }

    [Fact]
    public async Task A_damaged_payload_is_a_miss_and_is_replaced()
    {
        await StoreAsync("x");
        var (name, whole) = _store.Answer;
        foreach (var damaged in (byte[][])[[], whole[..^1], [.. whole, 0], [.. whole[..^1], (byte)(whole[^1] ^ 1)]])
        {
            _store.Entries[name] = damaged;
            var cache = Cache(_time, secondLevel: _store);
            (await cache.GetAsync(answer: "new")).Response.Text.ShouldBe("new");
            cache.GetStatistics().SecondLevelInvalid.ShouldBe(1);
            await Written(cache);
            _store.Entries.GetValueOrDefault(name).ShouldNotBe(damaged);
        }
    }

    private async Task StoreAsync(string key, CacheEntryInfo? info = null)
    {
        var cache = Cache(_time, secondLevel: _store);
        await cache.GetAsync(key, info: info);
        await Written(cache);
    }

    private static Task Written(ResponseCache cache) => Until(() => cache.PendingWrites == 0);

    /// <summary>What happens on other threads without our clock is waited for.</summary>
    private static Task Until(Func<bool> condition) => Eventually.TrueAsync(condition);
}
