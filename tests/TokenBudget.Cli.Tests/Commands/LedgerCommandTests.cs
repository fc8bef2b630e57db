using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class LedgerCommandTests : IDisposable
{
    private static readonly LedgerEntry Line = new()
    {
        Id = new Guid(1, 2, 3, new byte[8]),
        At = new DateTimeOffset(2026, 10, 30, 23, 0, 0, TimeSpan.Zero),
        Agent = "=cmd|' /C calc'!A0",
        Method = "+1",
        Model = "@SUM(A1)",
        Budget = "a,\"b\"\nc",
        Tenant = "-2+3",
        Usage = new TokenUsage { FreshInput = 10, CacheRead = 20, CacheWrite5Minutes = 30, CacheWrite1Hour = 40, Output = 50, Reasoning = 60, AudioInput = 70, AudioCacheRead = 80, AudioOutput = 90 },
        Cost = Usd.FromDollars(0.000001m),
        IsEstimate = true,
    };

    private readonly CommandLine _cli = new();

    [Fact]
    public async Task Values_with_commas_hold_no_formula_and_no_broken_line()
    {
        var (exitCode, csv, error) = await _cli.RunAsync("ledger", await StoreAsync(Line), "--csv");

        exitCode.ShouldBe(0, error);
        csv.ShouldBe(
            "id,at,agent,method,model,budget,tenant,outcome,fresh input,cache read,cache write 5m,cache write 1h,audio input,audio cache read,output,reasoning,audio output,cost USD,estimate\r\n"
            + "00000001-0002-0003-0000-000000000000,2026-10-30T23:00:00.000Z,\"'=cmd|' /C calc'!A0\",+1,\"'@SUM(A1)\",\"a,\"\"b\"\"\nc\",\"'-2+3\",completed,10,20,30,40,70,80,50,60,90,0.000001,yes\r\n");
    }

    [Fact]
    public async Task Each_line_is_an_object()
    {
        var (exitCode, json, error) = await _cli.RunAsync("ledger", await StoreAsync(Line, Line with { Id = Guid.NewGuid(), Tenant = null }), "--json");

        exitCode.ShouldBe(0, error);
        var lines = json.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Count.ShouldBe(2);
        lines[0].GetProperty("agent").GetString().ShouldBe(Line.Agent);
        lines[0].GetProperty("costUsd").GetDecimal().ShouldBe(0.000001m);
        lines[1].GetProperty("tenant").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("--outcome unsettled", 1)]
    [InlineData("--outcome unsettled,avoided", 2)]
    [InlineData("--tenant nobody", 0)]
    [InlineData("--from 2026-10-31", 1)]
    public async Task What_is_written_can_be_chosen(string options, int expected)
    {
        var store = await StoreAsync(
            Line,
            Line with { Id = Guid.NewGuid(), Outcome = LedgerOutcome.Unsettled, At = Line.At.AddHours(2) },
            Line with { Id = Guid.NewGuid(), Outcome = LedgerOutcome.Avoided });

        var (exitCode, json, error) = await _cli.RunAsync(["ledger", store, .. options.Split(' '), "--json"]);

        exitCode.ShouldBe(0, error);
        json.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(expected);
    }

    [Fact]
    public async Task A_table_shows_what_fits_a_terminal()
    {
        var (exitCode, table, error) = await _cli.RunAsync("ledger", await StoreAsync(Line with { Agent = "[support]", Method = "Ask", Model = "m", Tenant = null }));

        exitCode.ShouldBe(0, error);
        table.ShouldContain("[support]");
        table.ShouldContain("completed");
    }

    [Fact]
    public async Task A_pause_by_hand_and_its_end_say_whose_and_why()
    {
        var (exitCode, table, error) = await _cli.RunAsync("ledger", await StoreAsync(
            Line,
            Line with { Id = Guid.NewGuid(), Agent = "", Method = "Day", Model = "the provider is down", Budget = "support", Outcome = LedgerOutcome.Paused, Usage = default, Cost = default }), "--outcome", "paused");

        exitCode.ShouldBe(0, error);
        table.ShouldMatch(@"budget support\s+Day\s+the provider is down\s+paused");
        table.ShouldNotContain("completed");
    }

    [Fact]
    public async Task Without_an_id_the_conversations_there_are_are_listed_newest_first()
    {
        var path = _cli.PathOf("many.db");
        await using (var store = await SqliteStore.OpenAsync(path))
            for (var conversation = 0; conversation < 60; conversation++)
                await store.AppendTurnAsync($"[c{conversation}]", 0, [new CountedMessage(new ChatMessage(ChatRole.User, "canary"), 3), new CountedMessage(new ChatMessage(ChatRole.Assistant, "2"), 1)]);

        var (exitCode, table, error) = await _cli.RunAsync("history", path);
        exitCode.ShouldBe(0, error);
        table.ShouldMatch(@"(?s)\[c59\]\s+2\s+4\s+0\s.*\[c10\]");
        table.ShouldNotContain("[c9]");
        table.ShouldNotContain("canary");
        table.ShouldContain("The newest 50 of 60 conversations.");
        var json = (await _cli.RunAsync("history", path, "--json")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        json.Length.ShouldBe(50);
        json[0].ShouldStartWith("{\"id\":\"[c59]\",\"messages\":2,\"tokens\":4,\"summarizedMessages\":0,\"lastActive\":\"");
    }

    [Fact]
    public async Task A_message_without_words_says_what_it_has()
    {
        var path = _cli.PathOf("tools.db");
        await using (var store = await SqliteStore.OpenAsync(path))
            await store.AppendTurnAsync("c", 0,
            [
                new CountedMessage(new ChatMessage(ChatRole.User, "q"), 1), new CountedMessage(new ChatMessage(ChatRole.Assistant, [new TextContent("Looking."), new FunctionCallContent("1", "look_up")]), 1),
                new CountedMessage(new ChatMessage(ChatRole.Tool, [new FunctionResultContent("1", "found")]), 1), new CountedMessage(new ChatMessage(ChatRole.Assistant, "a"), 1),
            ]);

        var table = (await _cli.RunAsync("history", path, "c")).Out;
        table.ShouldContain("Looking. [calls look_up]");
        table.ShouldContain("[result of a tool]");
        (await _cli.RunAsync("history", path, "c", "--csv")).Out.ShouldContain("\r\n2,tool,1,\r\n");
    }

    [Fact]
    public async Task A_conversation_is_written_message_by_message()
    {
        var path = _cli.PathOf("history.db");
        await using (var store = await SqliteStore.OpenAsync(path))
            await store.AppendTurnAsync("c", 0, [new CountedMessage(new ChatMessage(ChatRole.User, "=1+1"), 3), new CountedMessage(new ChatMessage(ChatRole.Assistant, "2"), 1)]);

        (await _cli.RunAsync("history", path, "c", "--csv")).Out.ShouldBe("sequence,role,tokens,text\r\n0,user,3,\"'=1+1\"\r\n1,assistant,1,2\r\n");
        (await _cli.RunAsync("history", path, "c", "--json")).Out.ShouldStartWith("{\"sequence\":0,\"role\":\"user\",\"tokens\":3,\"text\":\"=1");
        (await _cli.RunAsync("history", path, "c")).Out.ShouldContain("assistant");
        var (exitCode, _, error) = await _cli.RunAsync("history", path, "nobody");
        exitCode.ShouldBe(1);
        error.ShouldContain("nobody");
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=x;Timeout=2", "127.0.0.1")]
    [InlineData("postgresql://somebody@127.0.0.1:1/x?a", "127.0.0.1")]
    [InlineData("Host=x;Colour=red", "colour")]
    [InlineData("nowhere.db", "nowhere.db")]
    public async Task A_store_that_is_not_there_is_said_in_one_line(string store, string expected)
    {
        var (exitCode, _, error) = await _cli.RunAsync("ledger", store);

        exitCode.ShouldBe(1);
        error.Trim().ShouldContain(expected, Case.Insensitive);
        error.Trim().ShouldNotContain("   at ");
    }

    public void Dispose() => _cli.Dispose();

    private async Task<string> StoreAsync(params LedgerEntry[] lines)
    {
        var path = _cli.PathOf("ledger.db");
        await using var store = await SqliteStore.OpenAsync(path);
        foreach (var line in lines)
            await store.AppendAsync(line);
        return path;
    }
}
