using System.Text.Json;

namespace TokenBudget.Cli.Tests.Replay;

/// <summary>What the economic window is held to on the recorded conversations.</summary>
public sealed class ReplayGoalsTests : IDisposable
{
    private readonly CommandLine _cli = new();

    [SharedDataFact]
    public async Task Over_all_conversations_it_sends_little_costs_less_than_a_sliding_window_and_remembers_more()
    {
        var rows = await ReplayAsync("--policy", "unbounded,sliding,economic", "--marks", "32000:16000,50000:25000");
        var unbounded = rows.Single(static row => row.Policy == "unbounded");
        var sliding = rows.Single(static row => row is { Policy: "sliding", High: 32_000 });
        var (small, large) = (rows.Single(static row => row is { Policy: "economic", High: 32_000 }), rows.Single(static row => row is { Policy: "economic", High: 50_000 }));

        ((double)small.Input / unbounded.Input).ShouldBeLessThan(0.4);
        large.Cost.ShouldBeLessThan(sliding.Cost);
        large.Recall.ShouldBeGreaterThan(sliding.Recall);
        foreach (var row in (Row[])[small, large])
        {
            row.Largest.ShouldBeLessThanOrEqualTo(row.High);
            row.Refused.ShouldBe(0);
            row.Cost.ShouldBeLessThan(unbounded.Cost);
        }
    }

    [SharedDataFact]
    public async Task On_the_long_session_it_costs_a_third_of_a_sliding_window_at_most()
    {
        var rows = await ReplayAsync("--conversation", "pi-large-session", "--policy", "sliding,economic", "--marks", "32000:16000");
        (rows.Single(static row => row.Policy == "economic").Cost / rows.Single(static row => row.Policy == "sliding").Cost).ShouldBeLessThanOrEqualTo(0.35m);
    }

    /// <summary>The plain rule, cutting at the high mark whatever it costs, was measured at 3.5 characters a token: 0.9863 and 0.9922.</summary>
    [SharedDataFact]
    public async Task It_remembers_within_a_hundredth_of_what_the_plain_rule_does()
    {
        var rows = await ReplayAsync("--characters-per-token", "3.5", "--policy", "economic", "--marks", "32000:16000,50000:25000");
        rows.Single(static row => row.High == 32_000).Recall.ShouldBe(0.9863m, 0.01m);
        rows.Single(static row => row.High == 50_000).Recall.ShouldBe(0.9922m, 0.01m);
    }

    public void Dispose() => _cli.Dispose();

    private async Task<List<Row>> ReplayAsync(params string[] arguments)
    {
        var (exitCode, text, error) = await _cli.RunAsync(
            ["replay", "conversations", SharedData.File("conversations/conversations.dev.jsonl.gz"), "--model", "claude-sonnet-4-5", "--at", "2026-11-01", "--json", .. arguments]);
        exitCode.ShouldBe(0, error);
        return
        [
            .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line)).Select(static line => new Row(
                line.GetProperty("policy").GetString()!,
                line.TryGetProperty("maxContextTokens", out var high) ? high.GetInt64() : long.MaxValue,
                line.GetProperty("inputTokens").GetInt64(),
                line.GetProperty("costUsd").GetDecimal(),
                line.GetProperty("recall").GetDecimal(),
                line.GetProperty("largestRequest").GetInt64(),
                line.GetProperty("refused").GetInt32())),
        ];
    }

    private sealed record Row(string Policy, long High, long Input, decimal Cost, decimal Recall, long Largest, int Refused);
}
