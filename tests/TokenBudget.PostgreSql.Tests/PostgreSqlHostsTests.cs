using Microsoft.Extensions.AI;
using TokenBudget.Calls;
using TokenBudget.Conformance;
using TokenBudget.Configuration;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.TestSupport;
using Xunit.Abstractions;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>Two hosts on one database: what is cleared, paused, resumed or told at one is so at the other, also when the connection between was cut meanwhile.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlHostsTests(PostgreSqlCluster cluster, ITestOutputHelper output)
{
    private const string Model = "claude-sonnet-4-5";

    [ConformanceFact]
    public async Task A_pause_its_end_and_the_alerts_are_there_at_the_other_host_and_told_once()
    {
        var database = await cluster.EmptyDatabaseAsync(this);
        await using var here = await Host.StartAsync(database);
        await using var there = await Host.StartAsync(database);
        await there.AskAsync();
        await here.AskAsync();

        await Should.ThrowAsync<BudgetPausedException>(async () =>
        {
            while (true)
                await here.AskAsync();
        });
        var took = await Eventually.TrueAsync(() => there.Paused.Count == 1);
        output.WriteLine($"paused there {took.TotalMilliseconds:0} ms after the refusal here");
        there.Runtime.Costs.GetStatus().Single().IsPaused.ShouldBeTrue("without a request of its own");
        there.Paused[0].Origin.ShouldNotBeNull();
        here.Paused.ShouldHaveSingleItem().Origin.ShouldBeNull();
        await Should.ThrowAsync<BudgetPausedException>(there.AskAsync);

        (await there.Runtime.Costs.ApproveAsync("paid", Usd.FromDollars(1))).ShouldBeTrue();
        await Eventually.TrueAsync(() => here.Resumed.Count == 1);
        here.Runtime.Costs.GetStatus().Single().IsPaused.ShouldBeFalse();
        await here.AskAsync();
        await there.AskAsync();

        // Whatever follows comes after what one host may still have told the other.
        (await here.Runtime.Costs.ApproveAsync("paid", Usd.FromDollars(1))).ShouldBeTrue();
        foreach (var host in (Host[])[here, there])
            (host.Paused.Count, host.Resumed.Count).ShouldBe((1, 1));
        await Eventually.TrueAsync(() => there.Thresholds.SequenceEqual(here.Thresholds, StringComparer.Ordinal));
        here.Thresholds.ShouldBe(["100", "50", "80", "90"]);
    }

    /// <summary>The server refuses with its own hand: a host that has heard nothing refuses with its next call, one that starts later with its first, and the reason is there.</summary>
    [ConformanceFact]
    public async Task A_pause_by_hand_is_there_at_the_other_host_with_its_reason_also_where_nothing_is_heard_and_after_a_restart()
    {
        var database = await cluster.CreateDatabaseAsync();
        await using var here = await Host.StartAsync(database);
        await using var deaf = await Host.StartAsync(database, hears: false);
        await using (var there = await Host.StartAsync(database))
        {
            foreach (var host in (Host[])[here, deaf, there])
                await host.AskAsync();
            (await here.Runtime.Costs.PauseAsync("paid", "the provider is down")).ShouldBeTrue();
            var took = await Eventually.TrueAsync(() => there.Runtime.Costs.GetStatus().Single().PausedByHand?.Reason == "the provider is down");
            output.WriteLine($"paused by hand there {took.TotalMilliseconds:0} ms after here");
            deaf.Runtime.Costs.GetStatus().Single().IsPaused.ShouldBeFalse("it cannot know");
            foreach (var host in (Host[])[here, deaf, there])
                (await Should.ThrowAsync<BudgetPausedException>(host.AskAsync)).Message.ShouldContain("was paused by hand");
            there.Paused.ShouldHaveSingleItem().Status!.PausedByHand!.Reason.ShouldBe("the provider is down");
        }

        await using var restarted = await Host.StartAsync(database);
        (await Should.ThrowAsync<BudgetPausedException>(restarted.AskAsync)).Status.PausedByHand!.Reason.ShouldBe("the provider is down");
        (await restarted.Runtime.Costs.ApproveAsync("paid")).ShouldBeTrue();
        await Eventually.TrueAsync(() => !here.Runtime.Costs.GetStatus().Single().IsPaused);
        foreach (var host in (Host[])[here, deaf, restarted])
            await host.AskAsync();
    }

    [ConformanceFact]
    public async Task A_cleared_cache_is_cleared_at_the_other_host_also_after_a_cut_connection()
    {
        var database = await cluster.EmptyDatabaseAsync(this);
        var through = database;
        await using var proxy = TcpProxy.For(ref through);
        await using var here = await Host.StartAsync(database);
        await using var there = await Host.StartAsync(through);
        foreach (var cut in (bool[])[false, true])
        {
            there.Cache("kept", "of another agent");
            there.Cache("cleared", "answer");
            if (cut)
                proxy.Stall();
            await here.Runtime.Cache.ClearAgentAsync("cleared");
            if (cut)
            {
                there.Runtime.Cache.GetStatistics().Entries.ShouldBe(2, "it cannot know");
                proxy.Reset();
                proxy.Flow();
            }

            var took = await Eventually.TrueAsync(() => there.Runtime.Cache.GetStatistics().Entries == 1);
            output.WriteLine($"cleared there {took.TotalMilliseconds:0} ms after {(cut ? "the network was back" : "it was here")}");
            await there.Runtime.Cache.ClearAsync();
        }
    }

    private sealed class Host : IAsyncDisposable
    {
        private readonly PostgreSqlStore _store;
        private readonly List<TokenBudgetAlert> _alerts = [];
        private readonly IChatClient _client;

        private Host(PostgreSqlStore store, bool hears)
        {
            _store = store;
            Runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), ledger: store, backplane: hears ? store : null);
            Runtime.AlertRaised += (_, alert) =>
            {
                lock (_alerts)
                    _alerts.Add(alert);
            };
            // A request costs at most a cent, and half of one in the end.
            _client = new FakeChatClient { Otherwise = static _ => FakeReply.Text("yes", input: 10, output: 330) }.WithTokenBudget(Runtime, new AgentMethodPolicy
            {
                Agent = "paid",
                Method = "Ask",
                Settings = BudgetSettings.Unset with { Model = Model, MaxOutputTokens = 660, LimitUsd = 0.05m, AtLimit = AtLimit.Pause },
            });
        }

        public TokenBudgetRuntime Runtime { get; }

        public IReadOnlyList<TokenBudgetAlert> Paused => Of(TokenBudgetAlertKind.BudgetPaused);

        public IReadOnlyList<TokenBudgetAlert> Resumed => Of(TokenBudgetAlertKind.BudgetResumed);

        public IEnumerable<string> Thresholds => Of(TokenBudgetAlertKind.BudgetThreshold).Select(static alert => $"{alert.Budget!.Percent}").Order(StringComparer.Ordinal);

        public static async Task<Host> StartAsync(string database, bool hears = true) => new(await PostgreSqlStore.OpenAsync(database), hears);

        public Task AskAsync() => Patience.UntilAnsweredAsync(() => _client.GetResponseAsync([new ChatMessage(ChatRole.User, "?")]));

        public void Cache(string agent, string text)
        {
            using var key = new Caching.CacheKeyBuilder();
            key.Add("agent", agent);
            Runtime.Cache.TryStore(key.Build(), new Caching.CacheEntryInfo { Agent = agent, Method = "Ask" }, new ChatResponse(new ChatMessage(ChatRole.Assistant, text)) { FinishReason = ChatFinishReason.Stop })
                .ShouldBeTrue();
        }

        public async ValueTask DisposeAsync()
        {
            await Runtime.DisposeAsync();
            await _store.DisposeAsync();
        }

        private List<TokenBudgetAlert> Of(TokenBudgetAlertKind kind)
        {
            lock (_alerts)
                return [.. _alerts.Where(alert => alert.Kind == kind)];
        }
    }
}
