using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class ConversationsCommandTests : IDisposable
{
    private readonly CommandLine _cli = new();

    [Fact]
    public async Task An_export_is_every_message_and_summary()
    {
        var (exitCode, lines, error) = await _cli.RunAsync("conversations", "export", await StoreAsync(), "old");

        exitCode.ShouldBe(0, error);
        lines.Split('\n').Select(static line => line.Length == 0 ? "" : line[..line.IndexOf(':', StringComparison.Ordinal)])
            .ShouldBe(["{\"conversation\"", "{\"sequence\"", "{\"summary\"", "{\"sequence\"", ""]);
        lines.ShouldContain("\"text\":\"hello\"");
    }

    [Fact]
    public async Task The_course_of_a_conversation_is_its_summaries()
    {
        var (exitCode, text, error) = await _cli.RunAsync("conversations", "summaries", await StoreAsync(), "old");
        exitCode.ShouldBe(0, error);
        text.ShouldContain("Messages 0 to 0, 2 tokens, 2026-01-01 00:00 UTC\nthey met");
        text.ShouldNotContain("hello");
    }

    [Fact]
    public async Task A_conversation_is_removed()
    {
        var store = await StoreAsync();
        (await _cli.RunAsync("conversations", "delete", store, "old")).ExitCode.ShouldBe(0);
        var (exitCode, _, error) = await _cli.RunAsync("conversations", "export", store, "old");
        (exitCode, error.Contains("no conversation 'old'", StringComparison.Ordinal)).ShouldBe((1, true));
        (exitCode, _, error) = await _cli.RunAsync("conversations", "delete", store, "old");
        (exitCode, error.Contains("no conversation 'old'", StringComparison.Ordinal)).ShouldBe((1, true));
        (await _cli.RunAsync("conversations", "export", store, "new")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_old_is_forgotten()
    {
        var store = await StoreAsync();
        (await _cli.RunAsync("conversations", "forget", store, "--days", "90")).Out.ShouldContain("Removed 1 conversation.");
        (await _cli.RunAsync("conversations", "export", store, "old")).ExitCode.ShouldBe(1);
        (await _cli.RunAsync("conversations", "export", store, "new")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Bad_input_is_named_and_creates_nothing()
    {
        var missing = _cli.PathOf("none.db");
        foreach (var arguments in new string[][] { ["export", missing, "a"], ["delete", missing, "a"], ["forget", missing, "--days", "9"] })
        {
            var (exitCode, _, error) = await _cli.RunAsync(["conversations", .. arguments]);
            (exitCode, error.Contains("none.db", StringComparison.Ordinal)).ShouldBe((1, true), arguments[0]);
        }

        File.Exists(missing).ShouldBeFalse();
        var store = await StoreAsync();
        foreach (var days in new[] { "0", "-1", "1.5", "99999999" })
            (await _cli.RunAsync("conversations", "forget", store, "--days", days)).Error.ShouldContain($"'{days}'");
        await using var open = await SqliteStore.OpenAsync(store);
        (await _cli.RunAsync("conversations", "forget", store, "--days", "1")).Error.ShouldContain("open for writing elsewhere");
    }

    public void Dispose() => _cli.Dispose();

    private async Task<string> StoreAsync()
    {
        var path = _cli.PathOf($"{Guid.NewGuid():N}.db");
        await using var store = await SqliteStore.OpenAsync(path);
        var old = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await store.AppendTurnAsync("old", 0, [new(new ChatMessage(ChatRole.User, "hello") { CreatedAt = old }, 1), new(new ChatMessage(ChatRole.Assistant, "hi") { CreatedAt = old }, 1)]);
        await store.SaveSummaryAsync("old", new ConversationSummary("they met", 0, 2, old));
        await store.AppendTurnAsync("new", 0, [new(new ChatMessage(ChatRole.User, "hello"), 1)]);
        return path;
    }
}
