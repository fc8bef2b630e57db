using Microsoft.Data.Sqlite;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly CommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task An_intact_ledger_prints_its_seal_which_holds_later()
    {
        var path = await StoreAsync();
        var (exitCode, report, error) = await _cli.RunAsync("verify", path, "--prices");
        exitCode.ShouldBe(0, error);
        report.ShouldContain("3 lines, 0 of them from before lines were sealed, 0 of requests under way.");
        report.ShouldContain("The ledger is as it was written.");
        report.ShouldContain("2 lines cost what the catalogue says, 0 something else, 1 are of models without a price.");

        var seal = report.Split('\n').Single(static line => line.StartsWith("Seal ", StringComparison.Ordinal)).Split(' ')[1];
        seal.ShouldStartWith("4:", Case.Sensitive, "one more than lines: the first says where the chain begins");
        (exitCode, report, error) = await _cli.RunAsync("verify", path, "--since", seal);
        exitCode.ShouldBe(0, report + error);
    }

    [Fact]
    public async Task What_was_tampered_with_is_named_line_by_line()
    {
        var path = await StoreAsync();
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE ledger SET cost = 1 WHERE line = 2";
            command.ExecuteNonQuery();
        }

        var (exitCode, report, error) = await _cli.RunAsync("verify", path, "--prices");

        exitCode.ShouldBe(3, error);
        report.ShouldMatch("Line 2 \\([0-9a-f-]{36}, 2026-11-01 00:00:00Z, Writer, \\$0\\.000000000001\\) was changed\\.");
        report.ShouldContain("The ledger is NOT as it was written.");
        report.ShouldContain("Writer claude-sonnet-4-5: $0.000000000001, but by the catalogue $0.018 (");
    }

    [Fact]
    public async Task A_wrong_line_is_told()
    {
        var (exitCode, _, error) = await _cli.RunAsync("verify", await StoreAsync(), "--since", "yesterday");
        (exitCode, error.Trim()).ShouldBe((1, "'yesterday' is no seal of a ledger: that is a number from 1, a colon, and 64 hexadecimal digits."));
        (exitCode, _, error) = await _cli.RunAsync("verify", _cli.PathOf("nowhere.db"));
        (exitCode, error).ShouldSatisfyAllConditions(() => exitCode.ShouldBe(1), () => error.ShouldContain("nowhere.db"));
    }

    private async Task<string> StoreAsync()
    {
        var path = _cli.PathOf($"{Guid.NewGuid():N}.db");
        await using var store = await SqliteStore.OpenAsync(path);
        foreach (var model in (string[])["claude-sonnet-4-5", "claude-sonnet-4-5", "my-own"])
            await store.AppendAsync(new LedgerEntry
            {
                Id = Guid.NewGuid(), At = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), Agent = "Writer", Method = "Ask", Model = model, Budget = "support",
                Cost = Usd.FromDollars(0.018m), Usage = new TokenUsage { FreshInput = 1_000, Output = 1_000 },
            });
        return path;
    }
}
