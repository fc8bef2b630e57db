using System.Text.Json;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Tests.Commands;

public sealed class ReportCommandTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 10, 30, 23, 0, 0, TimeSpan.Zero);

    private readonly CommandLine _cli = new();

    [Fact]
    public async Task Each_day_and_model_has_a_line_and_the_cost_adds_up()
    {
        var (exitCode, report, error) = await _cli.RunAsync("report", await StoreAsync());

        exitCode.ShouldBe(0, error);
        Cells(report).ShouldBe(
        [
            ["day", "model", "requests", "input", "cached", "output", "cost", "so far", "avoided requests", "avoided cost"],
            ["2026-10-30", "large", "1", "1,000", "400", "50", "$0.5000", "$0.5000", "0", "$0.0000"],
            ["2026-10-31", "[small]", "1", "1,000", "400", "50", "$0.2500", "$0.7500", "0", "$0.0000"],
            ["2026-10-31", "large", "2", "2,000", "800", "100", "$1.0000", "$1.7500", "1", "$0.5000"],
            ["total", "4", "4,000", "1,600", "200", "$1.7500", "$1.7500", "1", "$0.5000"],
        ]);
    }

    [Theory]
    [InlineData("--by tenant", "|$1.2500 acme|$0.5000")]
    [InlineData("--by agent,tenant", "Writer |$1.2500 Writer acme|$0.5000")]
    [InlineData("--by model --by agent --tenant acme", "Writer large|$0.5000")]
    [InlineData("--by day --from 2026-10-31", "2026-10-31|$1.2500")]
    [InlineData("--by day --to 2026-10-30", "2026-10-30|$0.5000")]
    [InlineData("--by budget --model large", "support|$1.5000")]
    [InlineData("--by method --agent nobody", "")]
    public async Task What_is_reported_can_be_chosen(string options, string expected)
    {
        var (exitCode, report, error) = await _cli.RunAsync(["report", await StoreAsync(), .. options.Split(' '), "--json"]);

        exitCode.ShouldBe(0, error);
        var lines = report.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        string.Join(' ', lines.Select(static line =>
            string.Join(' ', line.EnumerateObject().TakeWhile(static property => property.Name != "requests").Select(static property => property.Value.GetString()))
            + FormattableString.Invariant($"|${line.GetProperty("costUsd").GetDecimal():0.0000}"))).ShouldBe(expected);
    }

    [Fact]
    public async Task Bad_input_is_named()
    {
        var (exitCode, _, error) = await _cli.RunAsync("report", _cli.PathOf("none.db"));
        exitCode.ShouldBe(1);
        error.ShouldContain("none.db");
        (exitCode, _, error) = await _cli.RunAsync("report", _cli.Write("text.db", "this is no store"));
        exitCode.ShouldBe(1);
        error.ShouldContain("text.db");
        (exitCode, _, error) = await _cli.RunAsync("report", await StoreAsync(), "--by", "week");
        exitCode.ShouldBe(1);
        error.ShouldContain("day, agent, method, model, tenant, budget");
        (exitCode, _, error) = await _cli.RunAsync("report", await StoreAsync(), "--from", "yesterday");
        exitCode.ShouldBe(1);
        error.ShouldContain("--from is 'yesterday'");
    }

    public void Dispose() => _cli.Dispose();

    private static List<string[]> Cells(string report) =>
    [
        .. report.Split('\n').Where(static line => line.Any(char.IsLetterOrDigit))
            .Select(static line => System.Text.RegularExpressions.Regex.Split(line.Trim(), @"\s{2,}")),
    ];

    private async Task<string> StoreAsync()
    {
        var path = _cli.PathOf($"{Guid.NewGuid():N}.db");
        await using var store = await SqliteStore.OpenAsync(path);
        (int Hours, string Model, string? Tenant, decimal Cost, LedgerOutcome Outcome)[] lines =
        [
            (0, "large", "acme", 0.5m, LedgerOutcome.Completed), (1, "large", null, 0.5m, LedgerOutcome.Completed), (2, "large", null, 0.5m, LedgerOutcome.Cancelled),
            (3, "large", null, 0.5m, LedgerOutcome.Avoided), (4, "[small]", null, 0.25m, LedgerOutcome.Completed), (5, "", null, 9, LedgerOutcome.Approved),
        ];
        foreach (var (hours, model, tenant, cost, outcome) in lines)
            await store.AppendAsync(new LedgerEntry
            {
                Id = Guid.NewGuid(), At = Start.AddHours(hours), Agent = "Writer", Method = "Ask", Model = model, Budget = "support", Tenant = tenant,
                Cost = Usd.FromDollars(cost), Outcome = outcome, Usage = new TokenUsage { FreshInput = 600, CacheRead = 400, Output = 50 },
            });
        return path;
    }
}
