using System.Globalization;
using System.Text.Json;

namespace TokenBudget.Cli.Tests.Replay;

/// <summary>
/// What other systems' windows cost and remember on the same conversations, against the economic window. Their figures were measured by running their own
/// code, at 3.5 characters a token and the prices of Claude Sonnet 4.5; ours are counted the same way, with a few tokens of framing more.
/// </summary>
public sealed class PeerTableTests(Xunit.Abstractions.ITestOutputHelper output) : IDisposable
{
    private const string Marks = "10000:5000,16000:8000,24000:12000,32000:16000,40000:20000,50000:25000,64000:32000,80000:40000,100000:70000,150000:105000";

    private readonly CommandLine _cli = new();

    [SharedDataTheory]
    [InlineData("### dev, all conversations", 2_471, "0")]
    [InlineData("### dev, conversations over 8,000 tokens", 605, "8000")]
    public async Task Whatever_another_window_costs_and_remembers_some_marks_cost_less_and_remember_more(string table, int requests, string minTokens)
    {
        var peers = await ReadAsync(table);
        peers.Count.ShouldBe(27);

        var ours = await ReplayAsync(requests, minTokens);

        foreach (var peer in peers)
        {
            // What mostly leaves out the message to be answered is no working system, whatever it costs.
            var better = ours.Find(setting => setting.Cost <= peer.Cost && setting.Recall >= peer.Recall);
            output.WriteLine($"{peer.Name}: ${peer.Cost}, {peer.Recall} | {(better is null ? "-" : $"{better.Name}: ${better.Cost:0.00}, {better.Recall:0.0000}")}");
            if (peer.NewestMissing * 2 < requests)
                better.ShouldNotBeNull(peer.Name);
            ours.Where(setting => peer.Cost <= setting.Cost && peer.Recall >= setting.Recall && peer.Name != "ref-unbounded").ShouldBeEmpty(peer.Name);
        }
    }

    public void Dispose() => _cli.Dispose();

    private async Task<List<Setting>> ReplayAsync(int requests, string minTokens)
    {
        var (exitCode, text, error) = await _cli.RunAsync(
            "replay", "conversations", SharedData.File("conversations/conversations.dev.jsonl.gz"), "--model", "claude-sonnet-4-5", "--at", "2026-11-01",
            "--characters-per-token", "3.5", "--policy", "economic", "--marks", Marks, "--min-tokens", minTokens, "--json");
        exitCode.ShouldBe(0, error);
        var settings = new List<Setting>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line)))
        {
            line.GetProperty("requests").GetInt32().ShouldBe(requests);
            line.GetProperty("refused").GetInt32().ShouldBe(0);
            settings.Add(new Setting(
                FormattableString.Invariant($"{line.GetProperty("maxContextTokens")}:{line.GetProperty("trimToTokens")}"),
                line.GetProperty("costUsd").GetDecimal(),
                line.GetProperty("recall").GetDecimal(),
                0));
        }

        return settings;
    }

    /// <summary>Reads <c>| name | requests | recall | input | cost | …</c>.</summary>
    private static async Task<List<Setting>> ReadAsync(string table)
    {
        var lines = await File.ReadAllLinesAsync(SharedData.File("../reference/windowing-peers.md"));
        return
        [
            .. lines.SkipWhile(line => line != table).Skip(1).TakeWhile(static line => !line.StartsWith('#'))
                .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
                .Where(static cells => cells.Length > 12 && cells[2].All(char.IsAsciiDigit))
                .Select(static cells => new Setting(cells[1], Number(cells[5]), Number(cells[3]), (int)Number(cells[11]))),
        ];

        static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
    }

    private sealed record Setting(string Name, decimal Cost, decimal Recall, int NewestMissing);
}
