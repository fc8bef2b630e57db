using Microsoft.Data.Sqlite;
using TokenBudget.Conformance;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.TestSupport;

namespace TokenBudget.Sqlite.Tests;

public sealed class SqliteReservationTests : ReservationConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override async Task<IReservationLedger> CreateAsync() => await SqliteStore.OpenAsync(_folder.PathOf("store.db"));

    protected override async Task<IReservationLedger> ReopenAfterKillAsync(IReservationLedger ledger)
    {
        await ((SqliteStore)ledger).DisposeAsync();
        var store = await SqliteStore.OpenAsync(_folder.PathOf("store.db"));
        store.UnsettledFound.ShouldBe(1);
        return store;
    }

    /// <summary>The clock is the process's own. Set over midnight and back, each day has what was spent in it.</summary>
    [Fact]
    public async Task A_clock_that_is_set_over_midnight_and_back_leaves_each_day_its_own()
    {
        var clock = new SkewedTimeProvider(new VirtualTimeProvider(new DateTimeOffset(2026, 11, 22, 23, 58, 0, TimeSpan.Zero)));
        await using var store = await SqliteStore.OpenAsync(_folder.PathOf("clock.db"));
        var tracker = new CostTracker(store, clock);
        var budget = new CostBudget("b", new Usd(1_000), BudgetPeriod.Day);
        await SpendAsync(900);
        foreach (var (minutes, before) in ((int, long)[])[(5, 0), (0, 900), (5, 100), (-5, 901), (5, 101)])
        {
            clock.Skew = TimeSpan.FromMinutes(minutes);
            await Should.ThrowAsync<BudgetExceededException>(() => SpendAsync(1_001 - before));
            await SpendAsync(minutes > 0 && before == 0 ? 100 : 1);
        }

        (await store.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(900 + 100 + 4));
        // Started anew, it reads the same.
        var again = new CostTracker(store, clock);
        await Should.ThrowAsync<BudgetExceededException>(async () => await again.ReserveAsync(budget, new Usd(899)));
        (await again.ReserveAsync(budget, new Usd(898))).Dispose();

        async Task SpendAsync(long amount) => await tracker.SettleAsync(
            await tracker.ReserveAsync(budget, new Usd(amount)),
            new LedgerEntry { Id = default, At = default, Agent = "a", Method = "m", Model = "x", Budget = "", Cost = new Usd(amount) });
    }

    /// <summary>A request that cannot be written ahead is not sent; as soon as the file can be written, requests go on, and the sum is what was sent.</summary>
    [Theory]
    [InlineData("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000")]
    [InlineData("lock", "unlock")]
    public async Task A_full_disk_and_a_locked_file_refuse_spending(string trouble, string mended)
    {
        var path = _folder.PathOf("trouble.db");
        await using var store = await SqliteStore.OpenAsync(path);
        await store.Database.WriteAsync(connection => connection.DefaultTimeout = 1, default);
        await store.Database.WriteAsync(connection => Run(connection, "PRAGMA busy_timeout = 1"), default);
        using var other = new SqliteConnection($"Data Source={path};Pooling=False");
        other.Open();
        var tracker = new CostTracker(store);
        var budget = new CostBudget("b", new Usd(1_000_000_000), BudgetPeriod.Total);
        var sent = 0;
        await SpendAsync();

        await SetAsync(trouble);
        await Should.ThrowAsync<LedgerUnavailableException>(async () =>
        {
            // A full disk has room left on its last page.
            for (var i = 0; i < 2_000; i++)
                await SpendAsync();
        });
        await Should.ThrowAsync<Exception>(SpendAsync);

        await SetAsync(mended);
        await SpendAsync();
        tracker.UnwrittenEntries.ShouldBe(0);
        (await store.SumCostAsync(new LedgerQuery { Budget = "b" })).ShouldBe(new Usd(sent * 10L));

        async Task SpendAsync()
        {
            var reservation = await tracker.ReserveAsync(budget, new Usd(100));
            sent++;
            try
            {
                await tracker.SettleAsync(reservation, Entries.New(10));
            }
            catch (SqliteException)
            {
                // It is answered all the same; the line is kept.
            }
        }

        async Task SetAsync(string what)
        {
            if (what is "lock" or "unlock")
                Run(other, what == "lock" ? "BEGIN IMMEDIATE" : "ROLLBACK");
            else
                await store.Database.WriteAsync(connection => Run(connection, what), default);
        }

        static int Run(SqliteConnection connection, string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteNonQuery();
        }
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
