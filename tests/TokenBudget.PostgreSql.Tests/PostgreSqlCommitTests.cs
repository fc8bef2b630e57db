using Npgsql;
using TokenBudget.Conformance;
using TokenBudget.Costs;
using TokenBudget.Models;
using Xunit.Abstractions;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>Connections that end in the middle of a commit.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlLimitsCollection.Name)]
public sealed class PostgreSqlCommitTests(PostgreSqlCluster cluster, ITestOutputHelper output)
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 500 : 60;

    /// <summary>The connection is reset after the server has done what it was asked, so that nobody knows whether it was committed.</summary>
    [ConformanceFact]
    public async Task A_reset_in_the_middle_of_a_commit_leaves_every_request_once()
    {
        var direct = await cluster.EmptyDatabaseAsync(this);
        var through = direct;
        await using var proxy = TcpProxy.For(ref through);
        await using var store = await PostgreSqlStore.OpenAsync(through);
        var tracker = new CostTracker(store);
        var budget = new CostBudget("b", Usd.FromDollars(1_000), BudgetPeriod.Day);
        var spent = 0L;
        var (cut, refused, unsure) = (0, 0, 0);
        var random = new Random(20261121);
        for (var i = 0; i < Rounds; i++)
        {
            Cut();
            CostReservation reservation;
            try
            {
                reservation = await tracker.ReserveAsync(budget, Usd.FromDollars(1));
            }
            catch (LedgerUnavailableException)
            {
                refused++;
                await Task.Delay(TimeSpan.FromMilliseconds(260), TimeProvider.System);
                continue;
            }

            Cut();
            spent += Usd.FromDollars(0.25m).PicoDollars;
            try
            {
                await tracker.SettleAsync(reservation, Line(0.25m));
            }
            catch (Exception error) when (error is LedgerUnavailableException or NpgsqlException)
            {
                // The line is kept.
                unsure++;
                await Task.Delay(TimeSpan.FromMilliseconds(260), TimeProvider.System);
            }
        }

        proxy.CutReplies(0);
        await tracker.WriteAllAsync();
        (await tracker.ReservePatientlyAsync(budget, Usd.Zero)).Dispose();
        for (var patience = 0; await LedgerSums.NumberAsync(direct, "SELECT COUNT(*) FROM tokenbudget.ledger WHERE outcome = 6") > 0; patience++)
        {
            patience.ShouldBeLessThan(3_000);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        output.WriteLine($"{Rounds} requests, replies cut at {cut} of {2 * Rounds} commits, {refused} reservations refused, {unsure} settlements not known to be written; spent {new Usd(spent)}");
        spent.ShouldBeGreaterThan(0);
        (await store.SumCostAsync(new LedgerQuery())).PicoDollars.ShouldBe(spent);
        await LedgerSums.ShouldAddUpAsync(direct);

        void Cut()
        {
            if (random.Next(2) != 0)
                return;
            cut++;
            proxy.CutReplies(1);
        }
    }

    private static LedgerEntry Line(decimal dollars) => new()
    {
        Id = default,
        At = default,
        Agent = "a",
        Method = "m",
        Model = "x",
        Budget = "",
        Cost = Usd.FromDollars(dollars),
    };
}
