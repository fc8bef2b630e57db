using System.Diagnostics;
using Microsoft.Extensions.AI;
using Npgsql;
using TokenBudget.Calls;
using TokenBudget.Conformance;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.TestSupport;
using Xunit.Abstractions;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>What callers see while PostgreSQL, or the network to it, is away; and that afterwards the ledger says what was spent, once.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlOutageCollection.Name)]
public sealed class PostgreSqlFaultTests(PostgreSqlCluster cluster, ITestOutputHelper output)
{
    private const string Model = "claude-sonnet-4-5";
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1";
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(Nightly ? 10 : 1.5);

    // A decision waits for one quarter of a second and a little work. That a machine which runs much else is late with both is measured and not counted, but for the nightly run.
    private static readonly TimeSpan Decision = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Return = TimeSpan.FromSeconds(2);

    private enum Fault
    {
        Killed, Stopped, BlackHole, Reset,
    }

    [ConformanceFact]
    public Task While_the_server_is_dead_callers_get_a_decision_and_nothing_is_spent() => SurviveAsync(Fault.Killed);

    [ConformanceFact]
    public Task While_the_server_is_stopped_callers_get_a_decision_and_nothing_is_spent() => SurviveAsync(Fault.Stopped);

    [ConformanceFact]
    public Task While_the_network_swallows_everything_callers_get_a_decision_and_nothing_is_spent() => SurviveAsync(Fault.BlackHole);

    [ConformanceFact]
    public Task When_every_connection_is_reset_callers_go_on() => SurviveAsync(Fault.Reset);

    private async Task SurviveAsync(Fault fault)
    {
        foreach (var fallback in Nightly ? Enum.GetValues<StoreFallback>() : [StoreFallback.LocalShare])
            await SurviveAsync(fault, fallback);
    }

    private async Task SurviveAsync(Fault fault, StoreFallback fallback)
    {
        var direct = await cluster.CreateDatabaseAsync();
        var through = direct;
        await using var proxy = TcpProxy.For(ref through);
        await using (var store = await PostgreSqlStore.OpenAsync(through))
        await using (var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), ledger: store, sharedLimits: store))
        {
            var chat = new FakeChatClient { Otherwise = static _ => FakeReply.Text("yes", input: 10, output: 10) };
            var paid = chat.WithTokenBudget(runtime, Policy(fallback));
            await AskAsync(paid);

            await using var lateness = new MachineLateness();
            Break(proxy, fault);
            var away = Stopwatch.StartNew();
            var slowest = TimeSpan.Zero;
            var (decided, refused, admitted) = (0, 0, 0);
            while (away.Elapsed < Outage)
            {
                var asked = Stopwatch.GetTimestamp();
                try
                {
                    await AskAsync(paid);
                    admitted += refused > 0 ? 1 : 0;
                }
                catch (TokenBudgetException)
                {
                    // Not before this has the fault begun.
                    refused++;
                }

                decided++;
                var took = Stopwatch.GetElapsedTime(asked);
                slowest = took > slowest ? took : slowest;
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }

            Mend(proxy, fault);
            // A server that was killed has to get up first.
            await Eventually.TrueAsync(() => IsThereAsync(direct));
            var back = Stopwatch.StartNew();
            while (!await TryAskAsync(paid))
                back.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
            var returned = back.Elapsed;
            output.WriteLine($"{fault} {fallback}: {decided} decisions in {away.Elapsed.TotalSeconds:0.0} s, slowest {slowest.TotalMilliseconds:0} ms; {refused} refused, {admitted} admitted after the first refusal; back after {returned.TotalMilliseconds:0} ms; the machine was up to {lateness.Worst.TotalMilliseconds:0} ms late, {lateness.PoolThreads} threads");
            var late = Nightly ? TimeSpan.Zero : 2 * lateness.Worst;
            slowest.ShouldBeLessThan(Decision + late);
            if (fault is not Fault.Reset)
                (refused > 0, admitted).ShouldBe((true, 0), "what is spent would be on no record");
            returned.ShouldBeLessThan(Return + late);

            // What was withdrawn is written before the next request.
            for (var i = 0; i < 5; i++)
                await AskAsync(paid);
            (await LedgerAsync(direct)).ShouldBe((chat.Requests.Count, chat.Requests.Count));
        }

        await ShouldAddUpAsync(direct);
    }

    /// <summary>The connection is reset after the server has done what it was asked, so that nobody knows whether it was committed.</summary>
    [ConformanceFact]
    public async Task A_reset_in_the_middle_of_a_commit_leaves_every_request_once()
    {
        var direct = await cluster.CreateDatabaseAsync();
        var through = direct;
        await using var proxy = TcpProxy.For(ref through);
        await using var store = await PostgreSqlStore.OpenAsync(through);
        var tracker = new CostTracker(store);
        var budget = new CostBudget("b", Usd.FromDollars(1_000), BudgetPeriod.Day);
        var spent = 0L;
        var random = new Random(20261121);
        for (var i = 0; i < (Nightly ? 500 : 60); i++)
        {
            if (random.Next(2) == 0)
                proxy.CutReplies(1);
            CostReservation reservation;
            try
            {
                reservation = await tracker.ReserveAsync(budget, Usd.FromDollars(1));
            }
            catch (LedgerUnavailableException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(260), TimeProvider.System);
                continue;
            }

            if (random.Next(2) == 0)
                proxy.CutReplies(1);
            spent += Usd.FromDollars(0.25m).PicoDollars;
            try
            {
                await tracker.SettleAsync(reservation, Line(0.25m));
            }
            catch (Exception error) when (error is LedgerUnavailableException or NpgsqlException)
            {
                // The line is kept.
                await Task.Delay(TimeSpan.FromMilliseconds(260), TimeProvider.System);
            }
        }

        proxy.CutReplies(0);
        (await tracker.ReserveAsync(budget, Usd.Zero)).Dispose();
        for (var patience = 0; await NumberAsync(direct, "SELECT COUNT(*) FROM tokenbudget.ledger WHERE outcome = 6") > 0; patience++)
        {
            patience.ShouldBeLessThan(500);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        spent.ShouldBeGreaterThan(0);
        (await store.SumCostAsync(new LedgerQuery())).PicoDollars.ShouldBe(spent);
        await ShouldAddUpAsync(direct);
    }

    private void Break(TcpProxy proxy, Fault fault)
    {
        switch (fault)
        {
            case Fault.Killed:
                cluster.Crash();
                break;
            case Fault.Stopped:
                cluster.Freeze();
                break;
            case Fault.BlackHole:
                proxy.Stall();
                break;
            case Fault.Reset:
                proxy.Reset();
                break;
        }
    }

    private void Mend(TcpProxy proxy, Fault fault)
    {
        switch (fault)
        {
            case Fault.Killed:
                cluster.Start();
                break;
            case Fault.Stopped:
                cluster.Thaw();
                break;
            case Fault.BlackHole:
                proxy.Flow();
                break;
        }
    }

    private static async Task<bool> IsThereAsync(string database)
    {
        try
        {
            await NumberAsync(database, "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static AgentMethodPolicy Policy(StoreFallback fallback) => new()
    {
        Agent = "paid",
        Method = "Ask",
        Settings = BudgetSettings.Unset with { Model = Model, RequestsPerMinute = 100_000, TokensPerMinute = 1_000_000_000, WhenStoreIsAway = fallback, LimitUsd = 100 },
    };

    private static Task AskAsync(IChatClient client) => client.GetResponseAsync([new ChatMessage(ChatRole.User, "?")]);

    private static async Task<bool> TryAskAsync(IChatClient client)
    {
        try
        {
            await AskAsync(client);
            return true;
        }
        catch (TokenBudgetException)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            return false;
        }
    }

    /// <summary>How many requests are on record, and how many of them were answered.</summary>
    private static async Task<(int Lines, int Answered)> LedgerAsync(string database)
    {
        for (var patience = 0; await NumberAsync(database, "SELECT COUNT(*) FROM tokenbudget.ledger WHERE outcome = 6") > 0 && patience < 300; patience++)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        return ((int)await NumberAsync(database, "SELECT COUNT(*) FROM tokenbudget.ledger WHERE cost > 0"), (int)await NumberAsync(database, "SELECT COUNT(*) FROM tokenbudget.ledger WHERE outcome = 0"));
    }

    /// <summary>What is taken of each budget is what the ledger says, to the last unit.</summary>
    private static async Task ShouldAddUpAsync(string database)
    {
        var difference = await NumberAsync(database, "SELECT COUNT(*) FROM tokenbudget.budgets AS b WHERE b.taken <> (SELECT COALESCE(SUM(cost), 0) FROM tokenbudget.ledger AS l WHERE l.at >= b.starts AND l.at < b.ends)");
        difference.ShouldBe(0);
    }

    private static async Task<long> NumberAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
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
