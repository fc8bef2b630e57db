using Microsoft.Extensions.AI;
using Npgsql;
using TokenBudget.Conformance;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>Tables of every earlier version are brought up to date with all that is in them, and processes of the release before go on working on them.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlMigrationTests(PostgreSqlCluster cluster)
{
    // As the first version wrote it.
    private const string Version1 = """
        INSERT INTO tokenbudget.conversations (id, version, summary, summary_through, summary_tokens, summary_at) VALUES ('old', 3, 'they \\ talked', 0, 7, 639080000000000000);
        INSERT INTO tokenbudget.conversations (id, version) VALUES ('plain', 1);
        INSERT INTO tokenbudget.messages (conversation, sequence, turn, tokens, message) VALUES
            (1, 0, 0, 5, '{"role":"user","contents":[{"$type":"text","text":"a0"}]}'),
            (1, 1, 1, 6, '{"role":"user","contents":[{"$type":"text","text":"b0"}]}'),
            (1, 2, 1, 7, '{"role":"assistant","contents":[{"$type":"text","text":"b1"}]}'),
            (2, 0, 0, 8, '{"role":"user","contents":[{"$type":"text","text":"p0"}]}');
        INSERT INTO tokenbudget.ledger (id, at, agent, method, model, budget, outcome, fresh_input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost, is_estimate)
            VALUES ('00000000-0000-0000-0000-000000000001', 639080000000000000, 'a', 'm', 'x', 'b', 0, 1, 2, 3, 4, 5, 6, 77, false);
        """;

    [ConformanceFact]
    public async Task Tables_of_an_earlier_version_are_brought_up_to_date_with_all_that_is_in_them()
    {
        for (var version = 1; version < PostgreSqlSchema.Version; version++)
        {
            var database = await CreateAsync(version);
            for (var opened = 0; opened < 2; opened++)
            {
                await using var store = await PostgreSqlStore.OpenAsync(database);
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

            await using var again = await PostgreSqlStore.OpenAsync(database);
            (await again.AppendTurnAsync("old", 3, [new CountedMessage(new ChatMessage(ChatRole.User, "c0"), 1)])).ShouldBe(4);
            (await again.SaveSummaryAsync("old", new ConversationSummary("more", 2, 1, default))).ShouldBeTrue();
            (await again.ReadSummariesAsync("old")).Count.ShouldBe(2);
            await ((ICalibrationStore)again).SaveAsync(new CalibrationState("m", "a", 1.5, 20, 3));
            (await ((ICalibrationStore)again).LoadAsync("m", "a")).ShouldNotBeNull().Ratio.ShouldBe(1.5);
        }
    }

    [ConformanceFact]
    public async Task A_migration_that_fails_leaves_the_tables_as_they_were()
    {
        var database = await CreateAsync(1);
        await ExecuteAsync(database, "CREATE TABLE tokenbudget.summaries (x int)");

        await Should.ThrowAsync<PostgresException>(() => PostgreSqlStore.OpenAsync(database));

        (await ExecuteAsync(database, "SELECT version FROM tokenbudget.schema_version")).ShouldBe(1);
        (await ExecuteAsync(database, "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'tokenbudget' AND column_name = 'active'")).ShouldBe(0L);
    }

    /// <summary>The statements are those of the first version, which a new release must leave working while it is rolled out.</summary>
    [ConformanceFact]
    public async Task A_process_of_the_first_version_works_on_beside_one_of_this()
    {
        var database = await CreateAsync(1);
        await using var store = await PostgreSqlStore.OpenAsync(database);
        await store.AppendTurnAsync("both", 0, [new CountedMessage(new ChatMessage(ChatRole.User, "a0"), 1), new CountedMessage(new ChatMessage(ChatRole.Assistant, "a1"), 2)]);
        await store.SaveSummaryAsync("both", new ConversationSummary("ours", 0, 1, default));

        (await ExecuteAsync(database, "SELECT summary || summary_through FROM tokenbudget.conversations WHERE id = 'both'")).ShouldBe("ours0");
        await ExecuteAsync(database, """
            UPDATE tokenbudget.conversations SET version = version + 1 WHERE id = 'both' AND version = 2 RETURNING conversation;
            INSERT INTO tokenbudget.messages (conversation, sequence, turn, tokens, message)
                SELECT conversation, 2, 2, 3, '{"role":"user","contents":[{"$type":"text","text":"b0"}]}' FROM tokenbudget.conversations WHERE id = 'both';
            UPDATE tokenbudget.conversations SET summary = 'theirs', summary_through = 1, summary_tokens = 1, summary_at = 0
                WHERE id = 'both' AND version > 1 AND (summary_through IS NULL OR summary_through < 1);
            INSERT INTO tokenbudget.conversations (id, version) VALUES ('theirs', 0) ON CONFLICT (id) DO NOTHING;
            INSERT INTO tokenbudget.ledger (id, at, agent, method, model, budget, outcome, fresh_input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost, is_estimate)
                VALUES ('00000000-0000-0000-0000-000000000002', 639080000000000001, 'a', 'm', 'x', 'b', 0, 9, 0, 0, 0, 0, 0, 1, false) ON CONFLICT (id) DO NOTHING;
            """);

        var slice = await store.ReadAsync("both", 100);
        (slice.Summary!.Text, slice.Messages.Single().Message.Text, slice.Version).ShouldBe(("theirs", "b0", 3));
        (await store.ReadSummariesAsync("both")).Select(summary => summary.Text).ShouldBe(["ours", "theirs"]);
        (await store.DeleteInactiveAsync(DateTimeOffset.UnixEpoch.AddYears(50))).ShouldBe(0, "what it creates is not taken for ancient");
        (await store.ReadAsync(new LedgerQuery()).LastAsync()).Usage.ShouldBe(new TokenUsage { FreshInput = 9 });
    }

    private async Task<string> CreateAsync(int version)
    {
        var database = await cluster.EmptyDatabaseAsync(this);
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await PostgreSqlSchema.MigrateAsync(source, "tokenbudget", default, target: 1);
        await ExecuteAsync(database, Version1);
        await PostgreSqlSchema.MigrateAsync(source, "tokenbudget", default, version);
        return database;
    }

    private static async Task<object?> ExecuteAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
