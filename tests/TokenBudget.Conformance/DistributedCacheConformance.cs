using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Shouldly;
using TokenBudget.Caching;
using Xunit;

namespace TokenBudget.Conformance;

/// <summary>What every distributed cache promises that is a second level of the response cache. A cache's test project derives from it.</summary>
public abstract class DistributedCacheConformance : IAsyncLifetime
{
    private static readonly DistributedCacheEntryOptions Forever = new();

    private IDistributedCache _cache = null!;

    /// <summary>A cache that nobody has written to.</summary>
    protected abstract Task<IDistributedCache> CreateAsync();

    /// <summary>Lets time pass for what is in the cache.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    /// <summary>The clock the caller's instants are read by.</summary>
    protected abstract DateTimeOffset Now { get; }

    public async Task InitializeAsync() => _cache = await CreateAsync();

    public virtual async Task DisposeAsync()
    {
        if (_cache is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    [ConformanceFact]
    public async Task What_was_set_is_found_byte_by_byte_and_the_last_one_counts()
    {
        (await _cache.GetAsync("k")).ShouldBeNull();
        var large = new byte[1_000_000];
        new Random(1).NextBytes(large);
        foreach (var value in (byte[][])[[], [0], [0, 255, 0], large, [7]])
        {
            await _cache.SetAsync("k", value, Forever);
            (await _cache.GetAsync("k")).ShouldBe(value);
            _cache.Get("k").ShouldBe(value);
        }

        await _cache.RemoveAsync("k");
        (await _cache.GetAsync("k")).ShouldBeNull();
        await _cache.RemoveAsync("k");
    }

    [ConformanceFact]
    public void Without_waiting_it_is_the_same()
    {
        _cache.Set("k", [1, 2], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
        _cache.Get("k").ShouldBe([1, 2]);
        _cache.Refresh("k");
        _cache.Get("k").ShouldBe([1, 2]);
        _cache.Remove("k");
        _cache.Get("k").ShouldBeNull();
        _cache.Refresh("k");
    }

    [ConformanceFact]
    public async Task Keys_are_kept_apart_letter_by_letter()
    {
        string[] keys = ["", " ", "a", "A", "a ", "a\0", "a\0b", "ä", "a\u0308", "\ud800", "\udc00", "\ufffd", "🙂", "'; DROP TABLE x; --", "%", "_", new string('k', 10_000), new string('k', 10_001)];
        for (var i = 0; i < keys.Length; i++)
            await _cache.SetAsync(keys[i], [(byte)i], Forever);
        for (var i = 0; i < keys.Length; i++)
            (await _cache.GetAsync(keys[i])).ShouldBe([(byte)i], $"key {i}");
    }

    [ConformanceFact]
    public async Task An_entry_ends_when_its_time_is_over_and_not_before()
    {
        await _cache.SetAsync("relative", [1], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(10) });
        await _cache.SetAsync("instant", [2], new DistributedCacheEntryOptions { AbsoluteExpiration = Now + TimeSpan.FromMinutes(10) });
        await _cache.SetAsync("long", [3], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromDays(36_500) });
        await _cache.SetAsync("forever", [4], Forever);
        await PassAsync(TimeSpan.FromMinutes(9));
        (await FoundAsync()).ShouldBe("relative instant long forever");
        // Reading and refreshing add nothing.
        await _cache.RefreshAsync("relative");
        await PassAsync(TimeSpan.FromMinutes(2));
        (await FoundAsync()).ShouldBe("long forever");
        await _cache.SetAsync("relative", [5], Forever);
        (await _cache.GetAsync("relative")).ShouldBe([5]);

        async Task<string> FoundAsync()
        {
            var found = new List<string>();
            foreach (var key in (string[])["relative", "instant", "long", "forever"])
                if (await _cache.GetAsync(key) is not null)
                    found.Add(key);
            return string.Join(' ', found);
        }
    }

    [ConformanceFact]
    public async Task A_sliding_entry_lives_as_long_as_it_is_used_but_not_beyond_its_end()
    {
        var sliding = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10) };
        await _cache.SetAsync("used", [1], sliding);
        await _cache.SetAsync("refreshed", [2], sliding);
        await _cache.SetAsync("left alone", [3], sliding);
        await _cache.SetAsync("ends", [4], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10), AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(15) });
        await PassAsync(TimeSpan.FromMinutes(7));
        (await _cache.GetAsync("used")).ShouldBe([1]);
        (await _cache.GetAsync("ends")).ShouldBe([4]);
        await _cache.RefreshAsync("refreshed");
        await PassAsync(TimeSpan.FromMinutes(7));
        (await _cache.GetAsync("used")).ShouldBe([1]);
        (await _cache.GetAsync("refreshed")).ShouldBe([2]);
        (await _cache.GetAsync("left alone")).ShouldBeNull();
        (await _cache.GetAsync("ends")).ShouldBe([4]);
        await PassAsync(TimeSpan.FromMinutes(2));
        (await _cache.GetAsync("ends")).ShouldBeNull();
    }

    [ConformanceFact]
    public async Task Of_callers_at_the_same_time_each_reads_a_whole_value_that_somebody_wrote()
    {
        await Task.WhenAll(Enumerable.Range(1, 24).Select(writer => Task.Run(async () =>
        {
            var mine = Enumerable.Repeat((byte)writer, 5_000).ToArray();
            for (var round = 0; round < 5; round++)
            {
                await _cache.SetAsync("shared", mine, Forever);
                var seen = (await _cache.GetAsync("shared")).ShouldNotBeNull();
                (seen.Length, seen.Distinct().Count()).ShouldBe((5_000, 1));
                await _cache.SetAsync($"own {writer}", mine, Forever);
                (await _cache.GetAsync($"own {writer}")).ShouldBe(mine);
            }
        })));
    }

    [ConformanceFact]
    public async Task Null_is_refused()
    {
        await Should.ThrowAsync<ArgumentNullException>(() => _cache.GetAsync(null!));
        await Should.ThrowAsync<ArgumentNullException>(() => _cache.SetAsync(null!, [], Forever));
        await Should.ThrowAsync<ArgumentNullException>(() => _cache.SetAsync("k", null!, Forever));
        await Should.ThrowAsync<ArgumentNullException>(() => _cache.SetAsync("k", [], null!));
        await Should.ThrowAsync<ArgumentNullException>(() => _cache.RemoveAsync(null!));
        await Should.ThrowAsync<ArgumentNullException>(() => _cache.RefreshAsync(null!));
    }

    [ConformanceFact]
    public async Task Two_processes_share_answers_and_the_order_to_forget_them()
    {
        var (one, two) = (NewCache(), NewCache());
        (await AskAsync(one, "x", "made by one")).ShouldBe((CacheOutcome.Miss, "made by one"));
        await WrittenAsync();
        (await AskAsync(two, "x", "made by two")).ShouldBe((CacheOutcome.Hit, "made by one"));
        (await AskAsync(two, "x", "for another", scope: "bob")).ShouldBe((CacheOutcome.Miss, "for another"));
        await one.ClearAgentAsync("agent");
        (await AskAsync(NewCache(), "x", "made anew")).ShouldBe((CacheOutcome.Miss, "made anew"));
        one.GetStatistics().SecondLevelFailures.ShouldBe(0);

        async Task WrittenAsync()
        {
            for (var i = 0; i < 2_000 && (await AskAsync(NewCache(), "x", "not there yet", keep: false)).Outcome == CacheOutcome.Miss; i++)
                await Task.Yield();
        }
    }

    /// <summary>Whatever becomes of a stored answer, a caller never sees anything but a whole one.</summary>
    [ConformanceFact]
    public async Task A_damaged_truncated_or_oversized_answer_is_a_miss_and_never_an_exception()
    {
        var recorder = new KeyRecorder(_cache);
        (await AskAsync(NewCache(recorder), "x", "whole")).Outcome.ShouldBe(CacheOutcome.Miss);
        while (recorder.Written.IsEmpty)
            await Task.Yield();
        var (key, whole) = recorder.Written.Single();
        var damages = new (string Name, byte[] Value)[]
        {
            ("a bit", [.. whole[..^1], (byte)(whole[^1] ^ 1)]),
            ("another bit", [(byte)(whole[0] ^ 1), .. whole[1..]]),
            ("truncated", whole[..(whole.Length / 2)]),
            ("empty", []),
            ("zeros", new byte[whole.Length]),
            ("oversized", [.. whole, .. new byte[2 << 20]]),
        };
        foreach (var (name, value) in damages)
        {
            await _cache.SetAsync(key, value, Forever);
            (await AskAsync(NewCache(), "x", "made anew", keep: false)).ShouldBe((CacheOutcome.Miss, "made anew"), name);
            // It is removed beside the call.
            while (await _cache.GetAsync(key) is not null)
                await Task.Yield();
        }

        await _cache.SetAsync(key, whole, Forever);
        (await AskAsync(NewCache(), "x", "made anew")).ShouldBe((CacheOutcome.Hit, "whole"));
    }

    private ResponseCache NewCache(IDistributedCache? second = null) =>
        new(new ResponseCacheOptions { SecondLevelTimeout = TimeSpan.FromSeconds(20) }, TimeProvider.System, second ?? _cache);

    /// <param name="cache">The cache.</param>
    /// <param name="question">The question.</param>
    /// <param name="answer">The answer if it is made.</param>
    /// <param name="scope">For whom.</param>
    /// <param name="keep">Whether an answer that is made may be kept.</param>
    private static async Task<(CacheOutcome Outcome, string Answer)> AskAsync(ResponseCache cache, string question, string answer, string scope = "alice", bool keep = true)
    {
        using var builder = new CacheKeyBuilder();
        builder.Add("question", question);
        var result = await cache.GetOrCreateAsync(builder.Build(), new CacheEntryInfo { Agent = "agent", Method = "method", Scope = scope }, _ => Task.FromResult(
            new ChatResponse(new ChatMessage(ChatRole.Assistant, answer)) { FinishReason = keep ? ChatFinishReason.Stop : ChatFinishReason.Length }));
        return (result.Outcome, result.Response.Text);
    }

    /// <summary>Tells where an answer was written.</summary>
    private sealed class KeyRecorder(IDistributedCache inner) : IDistributedCache
    {
        public ConcurrentDictionary<string, byte[]> Written { get; } = new(StringComparer.Ordinal);

        public byte[]? Get(string key) => inner.Get(key);

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => inner.GetAsync(key, token);

        public void Refresh(string key) => inner.Refresh(key);

        public Task RefreshAsync(string key, CancellationToken token = default) => inner.RefreshAsync(key, token);

        public void Remove(string key) => inner.Remove(key);

        public Task RemoveAsync(string key, CancellationToken token = default) => inner.RemoveAsync(key, token);

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => inner.Set(key, value, options);

        public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            await inner.SetAsync(key, value, options, token);
            if (value.Length > 16)
                Written[key] = value;
        }
    }
}
