using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;

namespace TokenBudget.Sqlite.Tests;

/// <summary>A file of every earlier version is brought up to date, with all that is in it.</summary>
public sealed class SqliteMigrationTests
{
    // As the first version wrote it.
    private const string Version1 = """
        INSERT INTO conversations (id, version, summary, summary_through, summary_tokens, summary_at) VALUES ('old', 3, 'they \\ talked', 0, 7, 639080000000000000);
        INSERT INTO conversations (id, version) VALUES ('plain', 1);
        INSERT INTO messages (conversation, sequence, turn, tokens, message) VALUES
            (1, 0, 0, 5, '{"role":"user","contents":[{"$type":"text","text":"a0"}]}'),
            (1, 1, 1, 6, '{"role":"user","contents":[{"$type":"text","text":"b0"}]}'),
            (1, 2, 1, 7, '{"role":"assistant","contents":[{"$type":"text","text":"b1"}]}'),
            (2, 0, 0, 8, '{"role":"user","contents":[{"$type":"text","text":"p0"}]}');
        INSERT INTO ledger (id, at, agent, method, model, budget, outcome, fresh_input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost, is_estimate)
            VALUES ('00000000-0000-0000-0000-000000000001', 639080000000000000, 'a', 'm', 'x', 'b', 0, 1, 2, 3, 4, 5, 6, 77, 0);
        """;

    public static TheoryData<int> EarlierVersions => [.. Enumerable.Range(1, SqliteSchema.Version - 1)];

    [Theory]
    [MemberData(nameof(EarlierVersions))]
    public async Task A_file_of_an_earlier_version_is_brought_up_to_date_with_all_that_is_in_it(int version)
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("store.db");
        Create(path, version);
        await Should.ThrowAsync<InvalidDataException>(() => SqliteStore.OpenReadOnlyAsync(path), "reading alone does not change it");

        for (var opened = 0; opened < 2; opened++)
        {
            await using var store = await SqliteStore.OpenAsync(path);
            var slice = await store.ReadAsync("old", 1_000);
            slice.Summary.ShouldBe(new ConversationSummary("they \\ talked", 0, 7, new DateTimeOffset(639080000000000000, TimeSpan.Zero)));
            slice.Messages.Select(message => (message.Message.Text, message.Tokens)).ShouldBe([("b0", 6), ("b1", 7)]);
            (await store.ReadSummariesAsync("old")).ShouldBe([slice.Summary!]);
            (await store.ReadHistoryAsync("old").ToListAsync()).Select(message => message.Message.Text).ShouldBe(["a0", "b0", "b1"]);
            (await store.ReadAsync("plain", 1_000)).Summary.ShouldBeNull();
            (await store.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(77));
            (await store.ReadAsync(new LedgerQuery()).SingleAsync()).Usage
                .ShouldBe(new TokenUsage { FreshInput = 1, CacheRead = 2, CacheWrite5Minutes = 3, CacheWrite1Hour = 4, Output = 5, Reasoning = 6 }, "of audio nothing was known");
            (await store.DeleteInactiveAsync(DateTimeOffset.UnixEpoch.AddYears(50))).ShouldBe(0, "how old they are is not known");
        }

        await using var again = await SqliteStore.OpenAsync(path);
        (await again.AppendTurnAsync("old", 3, [new CountedMessage(new ChatMessage(ChatRole.User, "c0"), 1)])).ShouldBe(4);
        (await again.SaveSummaryAsync("old", new ConversationSummary("more", 2, 1, default))).ShouldBeTrue();
        await again.AppendAsync(Entries.New());
        var check = await again.VerifyLedgerAsync();
        (check.IsIntact, check.Lines, check.Unsealed).ShouldBe((true, 2, 1));
        await ((ICalibrationStore)again).SaveAsync(new CalibrationState("m", "a", 1.5, 20, 3));
        (await ((ICalibrationStore)again).LoadAsync("m", "a")).ShouldNotBeNull().Ratio.ShouldBe(1.5);
    }

    [Fact]
    public void A_migration_that_fails_leaves_the_file_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("store.db");
        Create(path, 1);
        using var connection = Open(path);
        Run(connection, "CREATE TABLE summaries (x)");
        Should.Throw<SqliteException>(() => SqliteSchema.Migrate(connection, path));
        Run(connection, "PRAGMA user_version").ShouldBe(1L);
        Run(connection, "SELECT summary FROM conversations WHERE id = 'old'").ShouldBe(@"they \\ talked");
    }

    private static void Create(string path, int version)
    {
        using var connection = Open(path);
        SqliteSchema.Migrate(connection, path, target: 1);
        Run(connection, Version1);
        SqliteSchema.Migrate(connection, path, version);
    }

    private static SqliteConnection Open(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    private static object? Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
