using Npgsql;
using TokenBudget.Conformance;
using TokenBudget.Sharing;
using TokenBudget.TestSupport;
using Xunit.Abstractions;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>What processes tell each other, through broken connections, absences and forgeries.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlOutageCollection.Name)]
public sealed class PostgreSqlBackplaneTests(PostgreSqlCluster cluster, ITestOutputHelper output) : BackplaneConformance
{
    private static readonly Guid Sender = Guid.NewGuid();
    private string _database = "";

    protected override async Task<IBackplane> CreateAsync()
    {
        _database = await cluster.EmptyDatabaseAsync(this);
        return await PostgreSqlStore.OpenAsync(_database);
    }

    [ConformanceFact]
    public Task After_a_reset_connection_nothing_is_missed() => BreakAsync(static proxy => proxy.Reset(), static _ => { });

    [ConformanceFact]
    public Task After_a_network_that_swallowed_everything_nothing_is_missed() => BreakAsync(static proxy => proxy.Stall(), static proxy => proxy.Flow());

    [ConformanceFact]
    public Task After_a_connection_that_died_without_a_word_nothing_is_missed() => BreakAsync(static proxy => proxy.Stall(), static proxy =>
    {
        // What was on its way is lost for good.
        proxy.Reset();
        proxy.Flow();
    });

    private async Task BreakAsync(Action<TcpProxy> breakIt, Action<TcpProxy> mendIt)
    {
        var through = _database;
        await using var proxy = TcpProxy.For(ref through);
        await using var away = await PostgreSqlStore.OpenAsync(through);
        await using var heard = new Listening(away);
        await PublishAsync(1);
        await Eventually.TrueAsync(() => heard.Count == 1);

        breakIt(proxy);
        await PublishAsync(300);
        mendIt(proxy);
        var took = await Eventually.TrueAsync(() => heard.Count == 301);
        output.WriteLine($"all there {took.TotalMilliseconds:0} ms after the network");
        await PublishAsync(1);
        await Eventually.TrueAsync(() => heard.Count == 302);
        heard.Messages.ShouldBe(_published);
    }

    [ConformanceFact]
    public async Task After_a_server_that_was_killed_listening_goes_on()
    {
        await using var heard = new Listening(Backplane);
        await PublishAsync(3);
        await Eventually.TrueAsync(() => heard.Count == 3);

        cluster.Crash();
        await cluster.GoneAsync();
        cluster.Start();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await PublishAsync(1);
                return true;
            }
            catch (NpgsqlException)
            {
                return false;
            }
        });
        await Eventually.TrueAsync(() => heard.Count == 4);
        heard.Messages.ShouldBe(_published);
    }

    [ConformanceFact]
    public async Task After_an_absence_longer_than_what_is_kept_there_is_a_gap()
    {
        await using var heard = new Listening(Backplane);
        await PublishAsync(1);
        await Eventually.TrueAsync(() => heard.Count == 1);

        // As if so many had been published that the first of them are gone.
        await ExecuteAsync($"DELETE FROM tokenbudget.notices; UPDATE tokenbudget.notice_head SET position = {NoticeSchema.Kept * 2}");
        await PublishAsync(1);
        await Eventually.TrueAsync(() => heard.Count == 3);
        // As if the database had been restored to a state of before.
        await ExecuteAsync("DELETE FROM tokenbudget.notices; UPDATE tokenbudget.notice_head SET position = 7; SELECT pg_notify('tokenbudget', '')");
        await Eventually.TrueAsync(() => heard.Count == 4);
        await PublishAsync(1);
        await Eventually.TrueAsync(() => heard.Count == 5);
        heard.Messages.ShouldBe([_published[0], BackplaneMessage.Gap, _published[1], BackplaneMessage.Gap, _published[2]]);
    }

    [ConformanceFact]
    public async Task Only_so_many_are_kept()
    {
        await ExecuteAsync($"UPDATE tokenbudget.notice_head SET position = {NoticeSchema.Kept}; INSERT INTO tokenbudget.notices SELECT n, gen_random_uuid(), gen_random_uuid(), 't', '', now() FROM generate_series(1, {NoticeSchema.Kept}) AS n");
        await PublishAsync(5);
        await using var source = NpgsqlDataSource.Create(_database + ";Pooling=false");
        await using var command = source.CreateCommand("SELECT COUNT(*) FROM tokenbudget.notices");
        (await command.ExecuteScalarAsync()).ShouldBe((long)NoticeSchema.Kept);
    }

    [ConformanceFact]
    public async Task What_anybody_sends_into_the_channel_means_nothing_and_what_nobody_of_ours_wrote_is_passed_over()
    {
        await using var heard = new Listening(Backplane);
        await PublishAsync(1);
        await ExecuteAsync($"DO $$ BEGIN FOR i IN 1..200 LOOP PERFORM pg_notify('tokenbudget', i || repeat('x', 7900)); END LOOP; END $$");
        (string Topic, string Content)[] forged =
        [
            ("t", @"a lonely \"), ("t", @"\x"), ("t", @"\u12"), ("t", @"\uZZZZ"), (@"\", "c"), ("", "c"), (new string('t', 100_000), "c"), ("t", new string('c', BackplaneMessage.MaxContentLength + 1)), ("t", new string('c', 5_000_000)),
        ];
        await using (var source = NpgsqlDataSource.Create(_database + ";Pooling=false"))
        {
            foreach (var (topic, content) in forged)
            {
                await using var command = source.CreateCommand("SELECT tokenbudget.publish_v1(gen_random_uuid(), gen_random_uuid(), $1, $2)");
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = content });
                await command.ExecuteNonQueryAsync();
            }
        }

        // Beyond the last position: never read, and no reason to look again and again.
        await ExecuteAsync("INSERT INTO tokenbudget.notices VALUES (9000000000000000000, gen_random_uuid(), gen_random_uuid(), 't', 'beyond', now()); SELECT pg_notify('tokenbudget', '')");
        await PublishAsync(2);

        await Eventually.TrueAsync(() => heard.Count >= 3);
        heard.Messages.ShouldBe(_published);
    }

    [ConformanceFact]
    public async Task Listening_takes_no_connection_of_the_pool()
    {
        await using var store = await PostgreSqlStore.OpenAsync(_database.Replace("Maximum Pool Size=10", "Maximum Pool Size=1", StringComparison.Ordinal));
        await using var heard = new Listening(store);
        await PublishAsync(1);
        await Eventually.TrueAsync(() => heard.Count == 1);
        await ((IBackplane)store).PublishAsync(new BackplaneMessage(Sender, "t", "own"));
        await Eventually.TrueAsync(() => heard.Count == 2);
    }

    [ConformanceFact]
    public async Task Schemas_of_one_database_hear_nothing_of_each_other()
    {
        await using var other = await PostgreSqlStore.OpenAsync(_database, new PostgreSqlStoreOptions { Schema = "other" });
        await using var heard = new Listening(other);
        await PublishAsync(1);
        var message = new BackplaneMessage(Sender, "t", "of the other");
        await ((IBackplane)other).PublishAsync(message);
        await Eventually.TrueAsync(() => heard.Count == 1);
        heard.Messages.ShouldBe([message]);
    }

    private readonly List<BackplaneMessage> _published = [];

    private async Task PublishAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var message = new BackplaneMessage(Sender, "t", $"{_published.Count}");
            await Backplane.PublishAsync(message);
            _published.Add(message);
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Somebody who listens.</summary>
    private sealed class Listening : IAsyncDisposable
    {
        private readonly Lock _gate = new();
        private readonly List<BackplaneMessage> _messages = [];
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _listening;

        public Listening(IBackplane backplane)
        {
            var messages = backplane.ListenAsync(_stop.Token);
            _listening = Task.Run(async () =>
            {
                await foreach (var message in messages)
                    lock (_gate)
                        _messages.Add(message);
            });
        }

        public int Count => Messages.Count;

        public IReadOnlyList<BackplaneMessage> Messages
        {
            get
            {
                lock (_gate)
                    return [.. _messages];
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }
    }
}
