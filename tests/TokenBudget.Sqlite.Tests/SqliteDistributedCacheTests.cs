using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Caching.Distributed;
using TokenBudget.Conformance;
using TokenBudget.TestSupport;

namespace TokenBudget.Sqlite.Tests;

public sealed class SqliteDistributedCacheTests : DistributedCacheConformance
{
    private static readonly DistributedCacheEntryOptions Forever = new();

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTimeProvider _time = new();

    private string Path => _folder.PathOf("cache.db");

    protected override DateTimeOffset Now => _time.GetUtcNow();

    [Fact]
    public async Task What_was_set_is_there_in_another_process_and_after_a_restart()
    {
        await using (var here = await OpenAsync())
        {
            await using var there = await OpenAsync();
            await here.SetAsync("k", [1, 2, 3], Forever);
            there.Get("k").ShouldBe([1, 2, 3]);
            there.Set("k", [], Forever);
            here.Get("k").ShouldBe([]);
        }

        await using var again = await OpenAsync();
        again.Get("k").ShouldBe([]);
        again.Remove("k");
        again.Get("k").ShouldBeNull();
    }

    [Fact]
    public async Task It_holds_little_more_than_it_may_and_what_was_not_used_for_longest_goes_first()
    {
        const long Max = 20 * 1_100;
        await using var cache = await OpenAsync(Max);
        await cache.SetAsync("short", new byte[1_000], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
        for (var i = 0; i < 60; i++)
        {
            await cache.SetAsync($"{i}", new byte[1_000], Forever);
            _time.Advance(TimeSpan.FromMinutes(30));
            // Used over and over, so that it is never the one to go.
            (await cache.GetAsync("0")).ShouldNotBeNull();
        }

        var kept = 0;
        for (var i = 0; i < 60; i++)
            kept += await cache.GetAsync($"{i}") is null ? 0 : 1;
        kept.ShouldBeInRange(19, 21);
        (await cache.GetAsync("59")).ShouldNotBeNull();
        (await cache.GetAsync("30")).ShouldBeNull();
    }

    /// <summary>Another process is in the middle of writing, for as long as it likes, and one of this waits for it: reads go on, and what they used is noted when they can.</summary>
    [Fact]
    public async Task Reads_go_through_while_others_write()
    {
        await using var cache = await OpenAsync();
        await cache.SetAsync("forever", [1], Forever);
        await cache.SetAsync("sliding", [2], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10) });
        using (var other = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            other.Open();
            using (var transaction = other.BeginTransaction(deferred: false))
            {
                using var write = other.CreateCommand();
                write.CommandText = "UPDATE cache_v1 SET bytes = bytes + 1";
                write.ExecuteNonQuery();
                var waiting = cache.SetAsync("late", [3], Forever);
                for (var i = 0; i < 40; i++)
                {
                    (await cache.GetAsync("forever")).ShouldBe([1]);
                    _time.Advance(TimeSpan.FromSeconds(10));
                    (await cache.GetAsync("sliding")).ShouldBe([2]);
                }

                waiting.IsCompleted.ShouldBeFalse();
                transaction.Rollback();
                await waiting;
            }
        }

        (await cache.GetAsync("late")).ShouldBe([3]);
        // The first read that finds the file free notes the uses of before, too.
        (await cache.GetAsync("sliding")).ShouldBe([2]);
        _time.Advance(TimeSpan.FromMinutes(9));
        (await cache.GetAsync("sliding")).ShouldBe([2]);
    }

    [Fact]
    public async Task A_read_that_notes_no_use_writes_nothing()
    {
        await using var cache = await OpenAsync();
        await cache.SetAsync("k", [1], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(10) });
        _time.Advance(TimeSpan.FromSeconds(7));
        await cache.GetAsync("k");
        var before = Changes();
        for (var i = 0; i < 10; i++)
            (await cache.GetAsync("k")).ShouldBe([1]);
        Changes().ShouldBe(before);
        _time.Advance(TimeSpan.FromSeconds(7));
        (await cache.GetAsync("k")).ShouldBe([1]);
        Changes().ShouldBeGreaterThan(before);

        // The counter of changes in the file's header.
        long Changes() => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(File.ReadAllBytes(Path).AsSpan(24));
    }

    /// <summary>Somebody tidies up: those who have the file open go to the new one with the others.</summary>
    [Fact]
    public async Task A_file_that_was_removed_is_opened_anew()
    {
        await using var here = await OpenAsync();
        await here.SetAsync("k", [1], Forever);
        File.Delete(Path);
        await using var there = await OpenAsync();
        await there.SetAsync("k", [2], Forever);

        await here.SetAsync("mine", [3], Forever);

        there.Get("mine").ShouldBe([3]);
        here.Get("k").ShouldBe([2]);

        // Also one that only reads, as soon as it has a use to note.
        File.Delete(Path);
        await using var third = await OpenAsync();
        await third.SetAsync("k", [4], Forever);
        _time.Advance(TimeSpan.FromMinutes(11));
        await here.GetAsync("k");
        here.Get("k").ShouldBe([4]);
    }

    [Fact]
    public async Task An_entry_larger_than_the_cache_is_not_kept_and_neither_is_the_one_it_replaces()
    {
        await using var cache = await OpenAsync(1_000);
        await cache.SetAsync("k", [1], Forever);
        await cache.SetAsync("k", new byte[2_000], Forever);
        (await cache.GetAsync("k")).ShouldBeNull();
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => OpenAsync(0));
    }

    [Fact]
    public async Task A_file_of_something_else_is_refused_and_a_closed_one_says_so()
    {
        var text = _folder.PathOf("text.db");
        await File.WriteAllTextAsync(text, new string('x', 5_000));
        (await Should.ThrowAsync<InvalidDataException>(() => SqliteDistributedCache.OpenAsync(text))).Message.ShouldContain(text);
        var closed = await OpenAsync();
        await closed.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(() => closed.GetAsync("k"));
    }

    protected override async Task<IDistributedCache> CreateAsync() => await OpenAsync();

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    private Task<SqliteDistributedCache> OpenAsync(long maxBytes = 1 << 30) => SqliteDistributedCache.OpenAsync(Path, maxBytes, _time);
}
