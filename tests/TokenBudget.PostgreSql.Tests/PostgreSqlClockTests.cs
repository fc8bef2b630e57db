using System.Diagnostics;
using TokenBudget.Conformance;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Sharing;
using TokenBudget.TestSupport;
using Xunit.Abstractions;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>The server's clock is set forward and back, and runs a little fast or slow, as time servers and operators have it.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlLimitsCollection.Name)]
public sealed class PostgreSqlClockTests(PostgreSqlCluster cluster, ITestOutputHelper output)
{
    private const long Capacity = 100;
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";
    private static readonly ShareTerms Terms = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), WorksAlone: false);
    private static readonly TimeSpan Counts = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan[] Steps =
        [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(-5), TimeSpan.FromDays(1), TimeSpan.FromDays(-1), TimeSpan.FromMilliseconds(700), TimeSpan.FromMilliseconds(-700)];

    /// <summary>Whoever is alive keeps its share; what a killed one leaves is free a minute later, neither at once nor after the clock has caught up.</summary>
    [ConformanceFact]
    public async Task A_step_frees_no_share_and_keeps_none()
    {
        await using var server = await SteppedServer.CreateAsync(cluster);
        await using var store = await PostgreSqlStore.OpenAsync(server.ConnectionString);
        foreach (var step in Steps)
        {
            var limit = $"l {step}";
            var (here, there) = (new Holder(store, limit), new Holder(store, limit));
            (await here.ExchangeAsync(0, Capacity)).ShouldBe(Capacity);
            await server.StepAsync(step);
            (await there.ExchangeAsync(0, Capacity)).ShouldBe(0, limit);
            (await here.ExchangeAsync(Capacity, Capacity)).ShouldBe(Capacity, limit);
            await server.StepAsync(-step);
            (await there.ExchangeAsync(0, Capacity)).ShouldBe(0, limit);
            (await here.ExchangeAsync(Capacity, Capacity)).ShouldBe(Capacity, limit);

            // Killed here; then the clock is set.
            await server.StepAsync(step);
            var (stepped, real) = (TimeSpan.Zero, Stopwatch.StartNew());
            while (await there.ExchangeAsync(0, Capacity) == 0)
            {
                stepped += TimeSpan.FromSeconds(1);
                await server.StepAsync(TimeSpan.FromSeconds(1));
                stepped.ShouldBeLessThan(TimeSpan.FromMinutes(2), limit);
            }

            (stepped + real.Elapsed).ShouldBeInRange(Counts, Counts + (2 * Terms.Lifetime), limit);
        }
    }

    /// <summary>Processes come, go and are killed while the clock leaps and drifts: what they were lent, and what the killed ones were for a minute, is never more than the limit, and all of it is lent again.</summary>
    [ConformanceFact]
    public async Task No_minute_is_over_the_limit_however_the_clock_is_set()
    {
        await using var server = await SteppedServer.CreateAsync(cluster);
        await using var store = await PostgreSqlStore.OpenAsync(server.ConnectionString);
        for (var seed = 1; seed <= (Nightly ? 40 : 2); seed++)
        {
            var random = new Random(seed);
            var (stepped, real) = (TimeSpan.Zero, Stopwatch.StartNew());
            var leapt = TimeSpan.Zero;
            var limit = $"seed {seed}";
            var alive = Enumerable.Range(0, 4).Select(_ => new Holder(store, limit)).ToList();
            var dead = new List<(long Share, TimeSpan At)>();
            var (leaps, kills, lent) = (0, 0, 0L);
            for (var i = 0; i < 400; i++)
            {
                // It drifts by half a thousandth either way, and is set now and then.
                var passes = TimeSpan.FromMilliseconds(random.Next(50, 450));
                stepped += passes;
                var now = stepped + real.Elapsed;
                await server.StepAsync(passes * (1 + ((random.NextDouble() - 0.5) / 1_000)));
                if (now - leapt > Counts / 2 && random.Next(10) == 0)
                {
                    leapt = now;
                    leaps++;
                    await server.StepAsync(Steps[random.Next(Steps.Length)]);
                }

                var which = random.Next(alive.Count);
                if (random.Next(30) == 0)
                {
                    dead.Add((alive[which].Share, now));
                    alive[which] = new Holder(store, limit);
                    kills++;
                }

                // Everybody is heard in time.
                foreach (var holder in alive.OrderBy(_ => random.Next()).ToList())
                {
                    var keeps = random.NextInt64(holder.Share + 1);
                    lent = Math.Max(lent, await holder.ExchangeAsync(keeps, keeps + random.NextInt64(Capacity)));
                    var taken = alive.Sum(static one => one.Share) + dead.Where(one => stepped + real.Elapsed - one.At < Counts).Sum(static one => one.Share);
                    taken.ShouldBeLessThanOrEqualTo(Capacity, $"{limit}, exchange {i}, off by {server.Off}");
                }
            }

            output.WriteLine($"{limit}: {(stepped + real.Elapsed).TotalSeconds:0} s, {leaps} leaps, {kills} killed, up to {lent} of {Capacity} lent to one");
            (leaps > 0, kills > 0, lent > Capacity / 4).ShouldBe((true, true, true));
        }
    }

    /// <summary>It is another day, and then the day before again: each has what was spent in it, nothing is spent twice, and nobody waits.</summary>
    [ConformanceFact]
    public async Task A_step_over_midnight_and_back_leaves_each_day_its_own()
    {
        await using var server = await SteppedServer.CreateAsync(cluster);
        await using var store = await PostgreSqlStore.OpenAsync(server.ConnectionString);
        var tracker = new CostTracker(store);
        var budget = new CostBudget("b", new Usd(1_000), BudgetPeriod.Day);
        await SpendAsync(tracker, budget, 900);
        await Should.ThrowAsync<BudgetExceededException>(() => SpendAsync(tracker, budget, 101));

        await StepAsync(server, store, TimeSpan.FromDays(1));
        await SpendAsync(tracker, budget, 800);
        await Should.ThrowAsync<BudgetExceededException>(() => SpendAsync(tracker, budget, 201));

        await StepAsync(server, store, TimeSpan.FromDays(-1));
        await Should.ThrowAsync<BudgetExceededException>(() => SpendAsync(tracker, budget, 101));
        await SpendAsync(tracker, budget, 100);

        await StepAsync(server, store, TimeSpan.FromDays(1));
        await SpendAsync(tracker, budget, 200);
        (await store.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(2_000));
        await ShouldAddUpAsync(server);
    }

    /// <summary>Five minutes forward every process looks as if it had ended; what it has under way is kept at the worst case until it settles, and counts once.</summary>
    [ConformanceFact]
    public async Task A_step_in_the_middle_of_a_request_counts_it_once()
    {
        await using var server = await SteppedServer.CreateAsync(cluster);
        await using var here = await PostgreSqlStore.OpenAsync(server.ConnectionString);
        await using var there = await PostgreSqlStore.OpenAsync(server.ConnectionString);
        var budget = new CostBudget("b", new Usd(1_000), BudgetPeriod.Total);
        var (mine, theirs) = (new CostTracker(here), new CostTracker(there));
        await SpendAsync(theirs, budget, 1);
        foreach (var minutes in (double[])[5, -5, -5, 5])
        {
            var open = await mine.ReservePatientlyAsync(budget, new Usd(500));
            await server.StepAsync(TimeSpan.FromMinutes(minutes));
            var asked = Stopwatch.StartNew();
            await SpendAsync(theirs, budget, 10);
            asked.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1), "nobody waits until the clock is right");
            // Set forward, the next heartbeat takes the other for ended.
            if (minutes > 0)
                await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System);
            await mine.SettlePatientlyAsync(open, Line() with { Cost = new Usd(20) });
        }

        await mine.WriteAllAsync();
        await theirs.WriteAllAsync();
        await Eventually.TrueAsync(async () => await server.NumberAsync("SELECT COUNT(*) FROM tokenbudget.ledger WHERE outcome NOT IN (0, 2)") == 0);
        (await here.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(1 + (4 * 30)));
        await ShouldAddUpAsync(server);
    }

    private static async Task SpendAsync(CostTracker tracker, CostBudget budget, long amount) =>
        await tracker.SettlePatientlyAsync(await tracker.ReservePatientlyAsync(budget, new Usd(amount)), Line() with { Cost = new Usd(amount) });

    /// <summary>Sets the clock and waits for the next heartbeat, which reads it.</summary>
    private static async Task StepAsync(SteppedServer server, PostgreSqlStore store, TimeSpan by)
    {
        var before = ((IReservationLedger)store).Now;
        await server.StepAsync(by);
        await Eventually.TrueAsync(() => (((IReservationLedger)store).Now - before)?.Duration() > by.Duration() / 2);
    }

    /// <summary>What is taken of each budget in each period is what the ledger says.</summary>
    private static async Task ShouldAddUpAsync(SteppedServer server) =>
        (await server.NumberAsync("SELECT COUNT(*) FROM tokenbudget.budgets AS b WHERE b.taken <> (SELECT COALESCE(SUM(cost), 0) FROM tokenbudget.ledger AS l WHERE l.at >= b.starts AND l.at < b.ends)")).ShouldBe(0);

    private static LedgerEntry Line() => new() { Id = default, At = default, Agent = "a", Method = "m", Model = "x", Budget = "" };

    private sealed class Holder(ISharedLimitStore store, string limit)
    {
        private readonly Guid _holder = Guid.NewGuid();
        private long _sequence;

        public long Share { get; private set; }

        public async Task<long> ExchangeAsync(long holds, long wants)
        {
            var bid = new ShareBid(limit, Capacity, holds, wants, 0, 0) { Heard = _sequence };
            Share = (await store.ExchangeAsync(_holder, ++_sequence, [bid], Terms))[0].Amount;
            return Share;
        }
    }
}
