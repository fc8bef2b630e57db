using Microsoft.Extensions.AI;
using Npgsql;
using TokenBudget.Conformance;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.PostgreSql;
using TokenBudget.PostgreSql.Tests;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Tests.Commands;

/// <summary>What a command says of PostgreSQL is what it says of a SQLite file that holds the same.</summary>
[PostgreSqlRequired]
public sealed class PostgreSqlCommandTests(PostgreSqlCluster cluster) : IClassFixture<PostgreSqlCluster>, IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 10, 30, 23, 0, 0, TimeSpan.Zero);

    private readonly CommandLine _cli = new();
    private string _database = "";
    private string _file = "";

    public async Task InitializeAsync()
    {
        if (PostgreSqlCluster.Binaries is null)
            return;
        _database = await cluster.CreateDatabaseAsync();
        _file = _cli.PathOf("store.db");
        await using (var server = await PostgreSqlStore.OpenAsync(_database))
            await FillAsync(server, server);
        await using (var file = await SqliteStore.OpenAsync(_file))
            await FillAsync(file, file);
    }

    public Task DisposeAsync()
    {
        _cli.Dispose();
        return Task.CompletedTask;
    }

    [ConformanceFact]
    public async Task Every_command_reads_PostgreSQL_as_it_reads_a_file()
    {
        foreach (var command in (string[])
        [
            "ledger STORE", "ledger STORE --csv", "ledger STORE --json", "ledger STORE --json --outcome failed --agent a", "report STORE", "report STORE --csv", "costs STORE --json --by day,tenant",
            "history STORE old", "history STORE old --csv", "history STORE old --json", "conversations export STORE old", "conversations summaries STORE old",
        ])
        {
            var arguments = command.Split(' ');
            var (exitCode, said, error) = await _cli.RunAsync([.. arguments.Select(argument => argument == "STORE" ? _database : argument)]);
            exitCode.ShouldBe(0, $"{command}: {error}");
            said.Length.ShouldBeGreaterThan(20, command);
            said.ShouldBe((await _cli.RunAsync([.. arguments.Select(argument => argument == "STORE" ? _file : argument)])).Out, command);
        }
    }

    [ConformanceFact]
    public async Task An_address_names_the_same_database()
    {
        var builder = new NpgsqlConnectionStringBuilder(_database);
        var (exitCode, said, error) = await _cli.RunAsync("ledger", $"postgresql://{builder.Username}@{builder.Host}:{builder.Port}/{builder.Database}", "--csv");
        exitCode.ShouldBe(0, error);
        said.ShouldBe((await _cli.RunAsync("ledger", _file, "--csv")).Out);
    }

    [ConformanceFact]
    public async Task Conversations_of_PostgreSQL_are_removed_and_forgotten()
    {
        (await _cli.RunAsync("conversations", "forget", _database, "--days", "36500")).Out.ShouldBe($"Removed 0 conversations.{Environment.NewLine}");
        var (exitCode, said, error) = await _cli.RunAsync("conversations", "delete", _database, "old");
        (exitCode, said).ShouldBe((0, $"Removed 'old'.{Environment.NewLine}"), error);
        (exitCode, _, error) = await _cli.RunAsync("history", _database + ";Password=canary", "old");
        exitCode.ShouldBe(1);
        error.ShouldContain("no conversation 'old'");
        error.ShouldNotContain("canary");
        (await _cli.RunAsync("history", _database, "new")).ExitCode.ShouldBe(0);
        (await _cli.RunAsync("conversations", "forget", _database, "--days", "1")).Out.ShouldBe($"Removed 1 conversation.{Environment.NewLine}");
    }

    [ConformanceFact]
    public async Task A_database_without_tables_is_told_and_none_are_created()
    {
        var empty = await cluster.CreateDatabaseAsync();
        foreach (var arguments in (string[][])[["ledger", empty], ["conversations", "delete", empty, "x"], ["conversations", "forget", empty, "--days", "1"]])
        {
            var (exitCode, _, error) = await _cli.RunAsync(arguments);
            exitCode.ShouldBe(1, error);
            error.ShouldContain("no TokenBudget schema");
        }
    }

    private static async Task FillAsync(ILedger ledger, IConversationStore conversations)
    {
        foreach (var (conversation, day) in (ValueTuple<string, int>[])[("old", -5), ("new", -3)])
        {
            await conversations.AppendTurnAsync(conversation, 0,
            [
                new CountedMessage(new ChatMessage(ChatRole.User, "=hello, \"you\" 🙂") { CreatedAt = At.AddDays(day) }, 3),
                new CountedMessage(new ChatMessage(ChatRole.Assistant, "hi\nthere") { CreatedAt = At.AddDays(day) }, 4),
            ]);
            await conversations.SaveSummaryAsync(conversation, new ConversationSummary("they met", 0, 2, At));
        }

        for (var i = 0; i < 6; i++)
        {
            await ledger.AppendAsync(new LedgerEntry
            {
                Id = new Guid(i, 2, 3, new byte[8]),
                At = At.AddHours(i),
                Agent = i % 2 == 0 ? "a" : "=b",
                Method = "m",
                Model = "x",
                Budget = "b\\",
                Tenant = i < 3 ? null : "t\0",
                Outcome = i == 4 ? LedgerOutcome.Failed : LedgerOutcome.Completed,
                Usage = new TokenUsage { FreshInput = 10 + i, CacheRead = 20, Output = 50 },
                Cost = Usd.FromDollars(0.01m * i),
            });
        }
    }
}
