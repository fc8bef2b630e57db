using TokenBudget.Conformance;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.PostgreSql.Tests;

[PostgreSqlRequired]
[Collection(PostgreSqlLimitsCollection.Name)]
public sealed class PostgreSqlReservationTests(PostgreSqlCluster cluster) : ReservationConformance
{
    private static readonly CostBudget Budget = new("b", new Usd(1_000), BudgetPeriod.Day) { AtLimit = AtLimit.Pause };
    private string _database = "";

    protected override async Task<IReservationLedger> CreateAsync()
    {
        _database = await cluster.EmptyDatabaseAsync(this);
        return await PostgreSqlStore.OpenAsync(_database);
    }

    /// <summary>A store that says nothing more is a process that has ended; another finds out within five seconds.</summary>
    protected override async Task<IReservationLedger> ReopenAfterKillAsync(IReservationLedger ledger)
    {
        await ((PostgreSqlStore)ledger).DisposeAsync();
        var store = await PostgreSqlStore.OpenAsync(_database);
        var found = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        store.UnsettledFound += (_, count) => found.TrySetResult(count);
        using var reservation = await new CostTracker(store).ReservePatientlyAsync(new CostBudget("another", null, BudgetPeriod.Total), Usd.Zero);
        (await found.Task.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBe(1);
        return store;
    }

    [ConformanceFact]
    public async Task Processes_spend_one_budget_together_to_the_last_cent()
    {
        await using var more = new Stores(await OpenAsync(4));
        var budget = new CostBudget("shared", Usd.FromDollars(5), BudgetPeriod.Month);
        var spent = 0L;
        var worst = 0L;
        var trackers = more.All.Select(static store => new CostTracker(store)).ToArray();
        await Task.WhenAll(more.All.SelectMany((store, which) =>
        {
            var tracker = trackers[which];
            return Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
            {
                try
                {
                    var reservation = await tracker.ReservePatientlyAsync(budget, Usd.FromDollars(0.1m));
                    // Some cost less than their worst case, and make room for others.
                    var cost = Usd.FromDollars(i % 4 == 0 ? 0.05m : 0.1m);
                    await tracker.SettlePatientlyAsync(reservation, Line(which) with { Cost = cost });
                    Interlocked.Add(ref spent, cost.PicoDollars);
                    var sum = (await store.SumCostAsync(new LedgerQuery())).PicoDollars;
                    InterlockedMax(ref worst, sum);
                }
                catch (BudgetExceededException)
                {
                }
            }));
        }));

        // What could not be written at once is written before anything else.
        foreach (var tracker in trackers)
            (await tracker.ReservePatientlyAsync(budget, Usd.Zero)).Dispose();
        worst.ShouldBeLessThanOrEqualTo(Usd.FromDollars(5).PicoDollars);
        (await more.All[0].SumCostAsync(new LedgerQuery())).PicoDollars.ShouldBe(spent);
        spent.ShouldBeInRange(Usd.FromDollars(4).PicoDollars, Usd.FromDollars(5).PicoDollars);
    }

    [ConformanceFact]
    public async Task A_pause_and_its_end_hold_for_all_processes()
    {
        await using var stores = new Stores(await OpenAsync(2));
        var (here, there) = (new CostTracker(stores.All[0]), new CostTracker(stores.All[1]));
        var first = await here.ReservePatientlyAsync(Budget, new Usd(900));
        await there.SettlePatientlyAsync(await there.ReservePatientlyAsync(Budget, new Usd(50)), Line(1) with { Cost = new Usd(50) });
        await Should.ThrowAsync<BudgetPausedException>(async () => await there.ReservePatientlyAsync(Budget, new Usd(51)));
        await Should.ThrowAsync<BudgetPausedException>(async () => await here.ReservePatientlyAsync(Budget, new Usd(1)));
        here.GetStatus().Single().IsPaused.ShouldBeTrue();

        (await here.ApproveAsync("b", new Usd(500))).ShouldBeTrue();

        var second = await there.ReservePatientlyAsync(Budget, new Usd(550));
        var status = there.GetStatus().Single();
        (status.Settled, status.Reserved, status.Approved, status.IsPaused).ShouldBe((new Usd(950), new Usd(550), new Usd(500), false));
        await here.SettlePatientlyAsync(first, Line(0) with { Cost = new Usd(10) });
        second.Dispose();
    }

    /// <summary>A process whose clock is wrong, by so much that it would be another day, another month, or five minutes, is in the same period as the others.</summary>
    [ConformanceFact]
    public async Task The_clock_of_one_process_has_no_effect_on_what_is_spent_when()
    {
        await using var stores = new Stores(await OpenAsync(1));
        var before = TimeProvider.System.GetUtcNow();
        var right = new CostTracker(stores.All[0]);
        await right.SettlePatientlyAsync(await right.ReservePatientlyAsync(Budget, new Usd(900)), Line(0) with { Cost = new Usd(900) });
        await Task.WhenAll(((TimeSpan[])[TimeSpan.FromDays(40), TimeSpan.FromDays(-40), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(-5)]).Select(async off =>
        {
            await using var another = new Stores(await OpenAsync(1));
            var wrong = new CostTracker(another.All[0], new SkewedTime(off));
            await Should.ThrowAsync<BudgetExceededException>(async () => await wrong.ReservePatientlyAsync(Budget with { AtLimit = AtLimit.Refuse }, new Usd(101)));
            await wrong.SettlePatientlyAsync(await wrong.ReservePatientlyAsync(Budget, new Usd(10)), Line(1) with { Cost = new Usd(10) });
            // Heartbeats go on reading the clock.
            await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System);
            (await wrong.ApproveAsync("b", new Usd(10))).ShouldBeTrue();
            await wrong.SettlePatientlyAsync(await wrong.ReservePatientlyAsync(Budget, new Usd(10)), Line(1) with { Cost = new Usd(10) });
        }));

        (await right.ReservePatientlyAsync(Budget, new Usd(60))).Dispose();
        right.GetStatus().Single().Approved.ShouldBe(new Usd(40), "approved for the period that all are in");
        await foreach (var line in stores.All[0].ReadAsync(new LedgerQuery()))
            line.At.ShouldBeInRange(before.AddSeconds(-1), TimeProvider.System.GetUtcNow().AddSeconds(1), "server and test run on one machine");
    }

    [ConformanceFact]
    public async Task What_is_given_back_in_one_process_is_room_in_another_that_waits()
    {
        await using var stores = new Stores(await OpenAsync(2));
        var waiting = Budget with { AtLimit = AtLimit.Wait };
        var (here, there) = (new CostTracker(stores.All[0]), new CostTracker(stores.All[1]));
        var first = await here.ReservePatientlyAsync(waiting, new Usd(1_000));
        var second = there.ReservePatientlyAsync(waiting, new Usd(800));
        await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System);
        second.IsCompleted.ShouldBeFalse();

        await here.SettlePatientlyAsync(first, Line(0) with { Cost = new Usd(200) });
        await here.WriteAllAsync();
        (await second.WaitAsync(TimeSpan.FromSeconds(30))).Dispose();
    }

    /// <summary>The statement is that of the release before, which goes on writing while a new one is rolled out.</summary>
    [ConformanceFact]
    public async Task What_a_process_of_the_release_before_spends_is_taken_from_the_budget()
    {
        await using var stores = new Stores(await OpenAsync(1));
        var tracker = new CostTracker(stores.All[0]);
        (await tracker.ReservePatientlyAsync(Budget, new Usd(100))).Dispose();
        await using (var source = Npgsql.NpgsqlDataSource.Create(_database + ";Pooling=false"))
        await using (var command = source.CreateCommand($"""
            INSERT INTO tokenbudget.ledger (id, at, agent, method, model, budget, tenant, outcome, fresh_input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost, is_estimate)
            VALUES ('{Guid.NewGuid()}', {TimeProvider.System.GetUtcNow().UtcTicks}, 'a', 'm', 'x', 'b', NULL, 0, 1, 0, 0, 0, 1, 0, 950, false) ON CONFLICT (id) DO NOTHING
            """))
            await command.ExecuteNonQueryAsync();

        await Should.ThrowAsync<BudgetPausedException>(async () => await tracker.ReservePatientlyAsync(Budget, new Usd(51)));
    }

    private async Task<PostgreSqlStore[]> OpenAsync(int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => PostgreSqlStore.OpenAsync(_database.Replace("Maximum Pool Size=10", "Maximum Pool Size=5", StringComparison.Ordinal))));

    private static LedgerEntry Line(int which) => new()
    {
        Id = default,
        At = default,
        Agent = $"agent {which}",
        Method = "m",
        Model = "x",
        Budget = "",
    };

    private static void InterlockedMax(ref long target, long value)
    {
        long seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }

    private sealed class SkewedTime(TimeSpan off) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + off;
    }

    private sealed class Stores(PostgreSqlStore[] all) : IAsyncDisposable
    {
        public PostgreSqlStore[] All => all;

        public async ValueTask DisposeAsync()
        {
            foreach (var store in all)
                await store.DisposeAsync();
        }
    }
}
