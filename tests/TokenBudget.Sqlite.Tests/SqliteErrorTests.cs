using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Caching.Distributed;
using SQLitePCL;
using TokenBudget.TestSupport;

namespace TokenBudget.Sqlite.Tests;

/// <summary>A damaged file is told as that, whoever meets the damage first and at whatever moment.</summary>
public sealed class SqliteErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(raw.SQLITE_NOTADB)]
    [InlineData(raw.SQLITE_CORRUPT)]
    public async Task One_more_reader_that_cannot_be_opened_meets_it(int code)
    {
        await using var readers = new SqliteReaders(() => throw new SqliteException("no", code), "/x/store.db");

        (await Should.ThrowAsync<InvalidDataException>(() => readers.RunAsync(static _ => 1, default))).Message.ShouldContain("/x/store.db");
    }

    [Fact]
    public async Task One_statement_of_a_batch_meets_it_and_the_others_are_written()
    {
        var store = await SqliteStore.OpenAsync(_folder.PathOf("store.db"));
        await using var _ = store;

        var damaged = store.Database.WriteAsync<int>(static _ => throw new SqliteException("no", raw.SQLITE_CORRUPT), default);
        var whole = store.AppendAsync(Entries.New());

        (await Should.ThrowAsync<InvalidDataException>(() => damaged)).Message.ShouldContain("store.db");
        await whole;
    }

    /// <summary>That an entry was used is noted beside the read. The file is gone by then, and so is the folder in which it could be made anew.</summary>
    [Fact]
    public async Task A_value_that_was_read_is_given_though_its_use_cannot_be_noted()
    {
        var folder = Directory.CreateDirectory(_folder.PathOf("cache"));
        var time = new VirtualTimeProvider();
        await using var cache = await SqliteDistributedCache.OpenAsync(Path.Combine(folder.FullName, "cache.db"), time: time);
        await cache.SetAsync("k", [7], new DistributedCacheEntryOptions());
        time.Advance(TimeSpan.FromHours(1));
        folder.Delete(recursive: true);

        (await cache.GetAsync("k")).ShouldBe([7]);
    }
}
