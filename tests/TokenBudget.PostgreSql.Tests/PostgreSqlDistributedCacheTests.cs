using System.Globalization;
using Microsoft.Extensions.Caching.Distributed;
using Npgsql;
using TokenBudget.Conformance;

namespace TokenBudget.PostgreSql.Tests;

[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlDistributedCacheTests(PostgreSqlCluster cluster) : DistributedCacheConformance
{
    private static readonly DistributedCacheEntryOptions Forever = new();

    private string _database = "";

    protected override DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    protected override async Task<IDistributedCache> CreateAsync()
    {
        _database = await cluster.EmptyDatabaseAsync(this);
        return await PostgreSqlDistributedCache.OpenAsync(_database);
    }

    /// <summary>The server's clock cannot be set, so what is in the table grows older.</summary>
    protected override Task PassAsync(TimeSpan time) => ExecuteAsync(string.Create(CultureInfo.InvariantCulture,
        $"UPDATE tokenbudget.cache SET expires_at = expires_at - interval '{time.TotalSeconds} s', ends_at = ends_at - interval '{time.TotalSeconds} s', used_at = used_at - interval '{time.TotalSeconds} s'"));

    [ConformanceFact]
    public async Task The_caller_s_clock_does_not_matter()
    {
        var skewed = new SkewedClock(TimeSpan.FromDays(400));
        await using var cache = await PostgreSqlDistributedCache.OpenAsync(_database, time: skewed);
        await cache.SetAsync("relative", [1], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(5) });
        await cache.SetAsync("instant", [2], new DistributedCacheEntryOptions { AbsoluteExpiration = skewed.GetUtcNow().AddMinutes(5) });
        await cache.SetAsync("over", [3], new DistributedCacheEntryOptions { AbsoluteExpiration = skewed.GetUtcNow().AddMinutes(-5) });
        await PassAsync(TimeSpan.FromMinutes(4));
        (await cache.GetAsync("relative")).ShouldBe([1]);
        (await cache.GetAsync("instant")).ShouldBe([2]);
        (await cache.GetAsync("over")).ShouldBeNull();
        await PassAsync(TimeSpan.FromMinutes(2));
        (await cache.GetAsync("relative")).ShouldBeNull();
        (await cache.GetAsync("instant")).ShouldBeNull();
    }

    [ConformanceFact]
    public async Task Cleaning_up_removes_what_expired_and_what_was_not_used_for_longest()
    {
        await using var cache = await OpenAsync(maxBytes: 10 * 1_100);
        for (var i = 0; i < 2_500; i++)
            await cache.SetAsync($"short {i}", [1], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromDays(1) });
        await PassAsync(TimeSpan.FromDays(2));
        // What was written was far more than the cache may hold: it has cleaned up by itself, too.
        await cache.CleanUp;
        await cache.CleanUpAsync();
        (await CountAsync()).ShouldBe(0);

        for (var i = 0; i < 30; i++)
        {
            await cache.SetAsync($"{i}", new byte[1_000], Forever);
            await PassAsync(TimeSpan.FromMinutes(30));
            // Used over and over, so that it is never the one to go.
            (await cache.GetAsync("0")).ShouldNotBeNull();
        }

        await cache.CleanUp;
        await cache.CleanUpAsync();
        (await CountAsync()).ShouldBe(10);
        foreach (var kept in (string[])["0", "29", "21"])
            (await cache.GetAsync(kept)).ShouldNotBeNull(kept);
        (await cache.GetAsync("20")).ShouldBeNull();
    }

    [ConformanceFact]
    public async Task Who_writes_cleans_up_so_that_it_never_holds_much_more_than_it_may()
    {
        const long Max = 200_000;
        await using var cache = await OpenAsync(Max);
        for (var i = 0; i < 600; i++)
        {
            await cache.SetAsync($"{i}", new byte[1_900], Forever);
            // It runs beside the calls: what is written meanwhile comes on top, so nothing is.
            await cache.CleanUp;
            if (i % 50 == 49)
                (await BytesAsync()).ShouldBeLessThan(Max + (Max / 20));
        }

        (await CountAsync()).ShouldBeLessThan(120);

        Task<long> BytesAsync() => NumberAsync("SELECT coalesce(sum(bytes), 0) FROM tokenbudget.cache");
    }

    [ConformanceFact]
    public async Task An_entry_larger_than_the_cache_is_not_kept_and_neither_is_the_one_it_replaces()
    {
        await using var cache = await OpenAsync(maxBytes: 1_000);
        await cache.SetAsync("k", [1], Forever);
        await cache.SetAsync("k", new byte[2_000], Forever);
        (await cache.GetAsync("k")).ShouldBeNull();
        Should.Throw<ArgumentOutOfRangeException>(() => new PostgreSqlDistributedCacheOptions { MaxBytes = 0 }).Message.ShouldContain("MaxBytes");
        Should.Throw<ArgumentOutOfRangeException>(() => new PostgreSqlDistributedCacheOptions { CleanUpEvery = TimeSpan.Zero }).Message.ShouldContain("CleanUpEvery");
    }

    [ConformanceFact]
    public async Task Statements_are_prepared_once_for_each_connection_or_not_at_all()
    {
        await using var source = NpgsqlDataSource.Create(_database + ";Maximum Pool Size=1");
        foreach (var (prepares, expected) in ((bool, long)[])[(true, 2L), (false, 0L)])
            await UseAsync(prepares, expected);

        async Task UseAsync(bool prepares, long expected)
        {
            source.Clear();
            await using var cache = await PostgreSqlDistributedCache.OpenAsync(source, new PostgreSqlDistributedCacheOptions { PrepareStatements = prepares });
            for (var i = 0; i < 5; i++)
            {
                await cache.SetAsync("k", [1], Forever);
                await cache.GetAsync("k");
            }

            await using var command = source.CreateCommand("SELECT count(*) FROM pg_prepared_statements");
            (await command.ExecuteScalarAsync()).ShouldBe(expected);
        }
    }

    [ConformanceFact]
    public async Task A_server_that_is_gone_is_told_and_no_wait_without_end()
    {
        await using var cache = await PostgreSqlDistributedCache.OpenAsync(_database);
        await cache.SetAsync("k", [1], Forever);
        await using var gone = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=x;Database=x;Timeout=2");
        await Should.ThrowAsync<NpgsqlException>(() => PostgreSqlDistributedCache.OpenAsync(gone));
        // Every connection is cut; the next call may find that out, and the one after works again.
        await using (var admin = NpgsqlDataSource.Create(cluster.ConnectionString + ";Pooling=false"))
        await using (var command = admin.CreateCommand($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{new NpgsqlConnectionStringBuilder(_database).Database}'"))
            await command.ExecuteScalarAsync();
        await Should.ThrowAsync<NpgsqlException>(() => cache.GetAsync("k"));
        (await cache.GetAsync("k")).ShouldBe([1]);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cache.GetAsync("k", cancelled.Token));
    }

    private Task<PostgreSqlDistributedCache> OpenAsync(long maxBytes) =>
        PostgreSqlDistributedCache.OpenAsync(_database, new PostgreSqlDistributedCacheOptions { MaxBytes = maxBytes });

    private Task<long> CountAsync() => NumberAsync("SELECT count(*) FROM tokenbudget.cache");

    private async Task<long> NumberAsync(string sql) => Convert.ToInt64(await ExecuteAsync(sql), CultureInfo.InvariantCulture);

    private async Task<object?> ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private sealed class SkewedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
