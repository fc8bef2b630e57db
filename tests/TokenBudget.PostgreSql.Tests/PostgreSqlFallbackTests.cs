using System.Diagnostics;
using Microsoft.Extensions.AI;
using Npgsql;
using TokenBudget.Calls;
using TokenBudget.Conformance;
using TokenBudget.Configuration;
using TokenBudget.RateLimiting;
using TokenBudget.TestSupport;
using Xunit.Abstractions;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>Two processes share a rate limit, and the server that knows of it is killed: each does what was chosen, and afterwards what they did is counted.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlOutageCollection.Name)]
public sealed class PostgreSqlFallbackTests(PostgreSqlCluster cluster, ITestOutputHelper output)
{
    private const int Limit = 60;

    // What was lent is over two seconds after it was.
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Decision = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Return = TimeSpan.FromSeconds(2);

    [ConformanceFact]
    public async Task Without_the_server_each_does_what_was_chosen()
    {
        var pairs = new List<Pair>();
        foreach (var fallback in Enum.GetValues<StoreFallback>())
            pairs.Add(await Pair.StartAsync(await cluster.CreateDatabaseAsync(), fallback));
        var hosts = pairs.SelectMany(static pair => pair.Hosts).ToList();
        await using var lateness = new MachineLateness();
        for (var i = 0; i < 5; i++)
            foreach (var host in hosts)
                await host.AskAsync(TimeSpan.FromSeconds(5));
        hosts.ShouldAllBe(static host => host.Admitted == 5);

        cluster.Crash();
        var noticed = await Eventually.TrueAsync(() => hosts.All(static host => host.IsAway));
        await Task.WhenAll(hosts.Select(static host => host.AskAwayAsync(Outage)));
        cluster.Start();
        await Eventually.TrueAsync(() => IsThereAsync(cluster.ConnectionString));
        var back = await Eventually.TrueAsync(() => hosts.All(static host => !host.IsAway));
        var late = lateness.Worst;
        // All that is left of the minute, for whoever gets it.
        await Task.WhenAll(hosts.SelectMany(static host => Enumerable.Range(0, Limit).Select(_ => host.AskAsync(TimeSpan.FromSeconds(3)))));

        output.WriteLine($"noticed after {noticed.TotalMilliseconds:0} ms, back after {back.TotalMilliseconds:0} ms; the machine was up to {late.TotalMilliseconds:0} ms late, {lateness.PoolThreads} threads");
        foreach (var pair in pairs)
            output.WriteLine(pair.ToString());
        foreach (var host in hosts)
        {
            host.Slowest.ShouldBeLessThan(Decision + (2 * late));
            // Each change is told once. On a busy machine a server that has just got up may be late enough to be taken for away again.
            host.Alerts.ShouldNotBeEmpty();
            host.Alerts.Chunk(2).ShouldAllBe(static pair => pair.SequenceEqual(new[] { TokenBudgetAlertKind.SharedLimitsAway, TokenBudgetAlertKind.SharedLimitsBack }));
        }

        back.ShouldBeLessThan(Return + (2 * late));
        foreach (var pair in pairs)
            pair.ShouldHaveDoneWhatWasChosen();
        foreach (var pair in pairs)
            await pair.DisposeAsync();
    }

    private sealed class Pair(StoreFallback fallback, Host here, Host there) : IAsyncDisposable
    {
        public Host[] Hosts { get; } = [here, there];

        public static async Task<Pair> StartAsync(string database, StoreFallback fallback) =>
            new(fallback, await Host.StartAsync(database, fallback), await Host.StartAsync(database, fallback));

        public void ShouldHaveDoneWhatWasChosen()
        {
            switch (fallback)
            {
                case StoreFallback.FailClosed:
                    Hosts.ShouldAllBe(static host => host.EndedRefused, "what was lent is over");
                    Hosts.Sum(static host => host.Admitted).ShouldBe(Limit);
                    break;
                case StoreFallback.LocalShare:
                    Hosts.ShouldAllBe(static host => host.AdmittedAway >= 1 && host.AdmittedAway <= Limit / 2);
                    Hosts.Sum(static host => host.Admitted).ShouldBe(Limit);
                    break;
                default:
                    Hosts.ShouldAllBe(static host => host.Admitted == Limit && host.Refused == 0);
                    break;
            }
        }

        public override string ToString() =>
            $"{fallback}: away {here.AdmittedAway} + {there.AdmittedAway} admitted, {here.Refused} + {there.Refused} refused, slowest decision {Hosts.Max(static host => host.Slowest).TotalMilliseconds:0} ms; {here.Admitted} + {there.Admitted} of {Limit} in all";

        public async ValueTask DisposeAsync()
        {
            foreach (var host in Hosts)
                await host.DisposeAsync();
        }
    }

    private static async Task<bool> IsThereAsync(string database)
    {
        try
        {
            await using var connection = new NpgsqlConnection(database + ";Pooling=false");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private sealed class Host : IAsyncDisposable
    {
        private readonly PostgreSqlStore _store;
        private readonly TokenBudgetRuntime _runtime;
        private readonly IChatClient _client;
        private bool _away;
        private bool _refusedLast;
        private int _admitted;
        private int _refused;

        private Host(PostgreSqlStore store, StoreFallback fallback)
        {
            _store = store;
            _runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), sharedLimits: store);
            _runtime.AlertRaised += (_, alert) =>
            {
                lock (Alerts)
                    Alerts.Add(alert.Kind);
            };
            _client = new FakeChatClient { Otherwise = static _ => FakeReply.Text("yes") }.WithTokenBudget(_runtime, new AgentMethodPolicy
            {
                Agent = "shared",
                Method = "Ask",
                Settings = BudgetSettings.Unset with { Model = "claude-sonnet-4-5", RequestsPerMinute = Limit, TokensPerMinute = 1_000_000_000, WhenStoreIsAway = fallback },
            });
        }

        public List<TokenBudgetAlertKind> Alerts { get; } = [];

        public int Admitted => Volatile.Read(ref _admitted);

        public int AdmittedAway { get; private set; }

        public int Refused => Volatile.Read(ref _refused);

        /// <summary>Whether the last to ask before the server was back was refused.</summary>
        public bool EndedRefused { get; private set; }

        /// <summary>The slowest decision, not counting those who waited for room in the minute until they lost patience.</summary>
        public TimeSpan Slowest { get; private set; }

        public bool IsAway => _runtime.SharedLimitsAway;

        public static async Task<Host> StartAsync(string database, StoreFallback fallback) => new(await PostgreSqlStore.OpenAsync(database), fallback);

        /// <summary>Asks again and again until the outage is over.</summary>
        public async Task AskAwayAsync(TimeSpan outage)
        {
            var before = Admitted;
            var away = Stopwatch.StartNew();
            _away = true;
            do
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
                await AskAsync(TimeSpan.FromMilliseconds(20));
            }
            while (away.Elapsed < outage);

            (_away, AdmittedAway, EndedRefused) = (false, Admitted - before, _refusedLast);
        }

        public async Task<bool> AskAsync(TimeSpan patience)
        {
            using var stop = new CancellationTokenSource(patience);
            var asked = Stopwatch.GetTimestamp();
            var admitted = false;
            try
            {
                await _client.GetResponseAsync([new ChatMessage(ChatRole.User, "?")], cancellationToken: stop.Token);
                Interlocked.Increment(ref _admitted);
                admitted = true;
                _refusedLast = false;
            }
            catch (SharedLimitUnavailableException)
            {
                Interlocked.Increment(ref _refused);
                _refusedLast = true;
            }
            catch (Exception error) when (error is OperationCanceledException or RateLimitExceededException)
            {
                return false;
            }

            if (_away && Stopwatch.GetElapsedTime(asked) is var took && took > Slowest)
                Slowest = took;
            return admitted;
        }

        public async ValueTask DisposeAsync()
        {
            await _runtime.DisposeAsync();
            await _store.DisposeAsync();
        }
    }
}
