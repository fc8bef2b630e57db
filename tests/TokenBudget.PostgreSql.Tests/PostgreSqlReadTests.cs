using System.Text.Json;
using Npgsql;
using TokenBudget.Conformance;
using TokenBudget.Relational;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>Reading the newest part of a conversation costs what is read, however much is older.</summary>
[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlReadTests(PostgreSqlCluster cluster)
{
    [ConformanceFact]
    public async Task A_long_conversation_is_read_at_the_cost_of_its_newest_part()
    {
        var database = await cluster.EmptyDatabaseAsync(this);
        await (await PostgreSqlStore.OpenAsync(database)).DisposeAsync();
        await using var source = NpgsqlDataSource.Create(database);
        await FillAsync(source, "short", 200);
        await FillAsync(source, "long", 20_000);

        (await MessagesTouchedAsync(source, "short", 20)).ShouldBeInRange(20, 60);
        (await MessagesTouchedAsync(source, "long", 20)).ShouldBeInRange(20, 60);
        (await MessagesTouchedAsync(source, "long", 5_000)).ShouldBeGreaterThan(5_000, "and they are counted: more of it touches more");
    }

    private static async Task FillAsync(NpgsqlDataSource source, string id, int messages)
    {
        await using var command = source.CreateCommand($$"""
            INSERT INTO tokenbudget.conversations (id, version) VALUES ('{{id}}', {{messages}});
            INSERT INTO tokenbudget.messages (conversation, sequence, turn, tokens, message)
                SELECT c.conversation, n, n / 2 * 2, 1, '{"role":"user","contents":[]}' FROM tokenbudget.conversations AS c, generate_series(0, {{messages - 1}}) AS n WHERE c.id = '{{id}}';
            ANALYZE tokenbudget.conversations, tokenbudget.messages;
            """);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>How many entries of the table of messages and of its indexes the server looked at, by its own count.</summary>
    private static async Task<double> MessagesTouchedAsync(NpgsqlDataSource source, string id, int maxTokens)
    {
        await using var command = source.CreateCommand();
        new ConversationSql("tokenbudget.").Read(command, id, maxTokens);
        command.CommandText = "EXPLAIN (ANALYZE, FORMAT JSON) " + command.CommandText;
        using var plan = JsonDocument.Parse((string)(await command.ExecuteScalarAsync())!);
        return Touched(plan.RootElement[0].GetProperty("Plan"));
    }

    private static double Touched(JsonElement node)
    {
        var touched = 0.0;
        if (node.TryGetProperty("Relation Name", out var relation) && relation.GetString() == "messages")
        {
            var filtered = node.TryGetProperty("Rows Removed by Filter", out var removed) ? removed.GetDouble() : 0;
            touched = (node.GetProperty("Actual Rows").GetDouble() + filtered) * node.GetProperty("Actual Loops").GetDouble();
        }

        return touched + (node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().Sum(Touched) : 0);
    }
}
