using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using SQLitePCL;
using TokenBudget.Conversations;
using TokenBudget.Relational;

namespace TokenBudget.Sqlite.Tests;

/// <summary>Reading the newest part of a conversation costs what is read, however much is older.</summary>
public sealed class SqliteReadTests
{
    [Fact]
    public async Task A_long_conversation_is_read_at_the_cost_of_its_newest_part()
    {
        using var folder = new TemporaryFolder();
        await using var store = await SqliteStore.OpenAsync(folder.PathOf("store.db"));
        await FillAsync(store, "short", 100);
        await FillAsync(store, "long", 5_000);
        await FillAsync(store, "summarized", 5_000);
        await store.SaveSummaryAsync("summarized", new ConversationSummary("s", 9_000, 1, default));

        var steps = await StepsAsync(store, "short");
        (await StepsAsync(store, "long")).ShouldBeInRange(steps / 2, steps * 3 / 2);
        (await StepsAsync(store, "summarized")).ShouldBeInRange(steps / 2, steps * 3 / 2);
        (await StepsAsync(store, "long", 20_000)).ShouldBeGreaterThan(steps * 50, "and the steps are counted: all of it takes many more");
    }

    [Fact]
    public async Task Every_step_of_the_read_is_a_search_in_an_index()
    {
        using var folder = new TemporaryFolder();
        await using var store = await SqliteStore.OpenAsync(folder.PathOf("store.db"));
        await FillAsync(store, "c", 10);
        var plan = await store.Database.ReadAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                new ConversationSql("").ReadBack(command, "c");
                command.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
                var lines = new List<string>();
                using var row = command.ExecuteReader();
                while (row.Read())
                    lines.Add(row.GetString(3));
                return lines;
            },
            default);
        var text = string.Join('\n', plan);
        // Nothing is scanned and nothing is sorted: the first message that is given is the newest.
        plan.Count.ShouldBe(2, text);
        plan[0].ShouldContain("(id=?)", customMessage: text);
        plan[1].ShouldContain("messages_in_order (conversation=? AND sequence>?)", customMessage: text);
    }

    private static async Task FillAsync(SqliteStore store, string id, int turns)
    {
        for (var written = 0L; written < 2 * turns;)
        {
            var appends = new List<Task>();
            // Appended one after the other; waiting for all at once lets them share flushes.
            for (; appends.Count < 200 && written < 2 * turns; written += 2)
            {
                CountedMessage[] turn =
                [
                    new(new ChatMessage(ChatRole.User, string.Create(CultureInfo.InvariantCulture, $"question {written}")), 1),
                    new(new ChatMessage(ChatRole.Assistant, "answer"), 1),
                ];
                appends.Add(store.AppendTurnAsync(id, written, turn).AsTask());
            }

            await Task.WhenAll(appends);
        }
    }

    /// <summary>How many operations SQLite's virtual machine takes.</summary>
    private static Task<long> StepsAsync(SqliteStore store, string id, int maxTokens = 20) => store.Database.ReadAsync(
        connection =>
        {
            var steps = 0L;
            raw.sqlite3_progress_handler(connection.Handle, 1, _ => { steps++; return 0; }, null);
            using (var command = connection.CreateCommand())
            {
                new ConversationSql("").ReadBack(command, id);
                using var row = command.ExecuteReader();
                ConversationSql.SliceOf(row, maxTokens, static (row, column) => ChatMessageJson.Read(row.GetString(column))).Messages.Count.ShouldBeInRange(18, maxTokens);
            }

            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
            return steps;
        },
        default);
}
