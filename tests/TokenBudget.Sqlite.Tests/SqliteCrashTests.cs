using System.Diagnostics;
using System.Globalization;
using TokenBudget.Conversations;
using TokenBudget.Costs;

namespace TokenBudget.Sqlite.Tests;

/// <summary>Kills a process that writes, again and again on the same file: what was acknowledged is there, and no turn is torn.</summary>
public sealed class SqliteCrashTests
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 200 : 5;

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_and_no_turn_is_torn()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("store.db");
        var lines = new HashSet<Guid>();
        var versions = new long[Program.Writers];
        var summaries = new long[Program.Writers];
        var random = new Random(20260301);
        for (var round = 0; round < Rounds; round++)
        {
            await WriteUntilKilledAsync(path, random.Next(1, 400), lines, versions, summaries);

            await using var store = await SqliteStore.OpenAsync(path);
            var stored = new HashSet<Guid>();
            await foreach (var entry in store.ReadAsync(new LedgerQuery()))
                stored.Add(entry.Id).ShouldBeTrue();
            lines.Except(stored).ShouldBeEmpty("acknowledged ledger lines were lost");
            (stored.Count - lines.Count).ShouldBeLessThanOrEqualTo((round + 1) * Program.Writers, "at most one line of each writer was under way");

            for (var writer = 0; writer < Program.Writers; writer++)
            {
                var slice = await store.ReadAsync(Program.ConversationOf(writer), int.MaxValue);
                slice.Version.ShouldBeInRange(versions[writer], versions[writer] + Program.MessagesPerTurn, "at most one turn was under way");
                var history = await store.ReadHistoryAsync(Program.ConversationOf(writer)).ToListAsync();
                history.Count.ShouldBe((int)slice.Version);
                CheckSummary(slice, history, summaries[writer]);
                history.Select(message => message.Message.Text.TrimEnd('.')).ShouldBe(
                    Enumerable.Range(0, (int)slice.Version).Select(i => string.Create(
                        CultureInfo.InvariantCulture,
                        $"{i / Program.MessagesPerTurn * Program.MessagesPerTurn}+{i % Program.MessagesPerTurn}")));
                versions[writer] = slice.Version;
            }

            lines = stored;
        }
    }

    /// <summary>What is read is the newest summary, whole, and exactly the messages behind it.</summary>
    private static void CheckSummary(ConversationSlice slice, List<CountedMessage> history, long acknowledged)
    {
        var covered = slice.Summary is { } summary ? summary.ThroughSequence + 1 : 0;
        covered.ShouldBeGreaterThanOrEqualTo(acknowledged, "an acknowledged summary was lost");
        if (covered > 0)
            slice.Summary.ShouldBe(Program.Summary(covered));
        slice.FirstSequence.ShouldBe(covered);
        slice.Messages.Select(message => message.Message.Text).ShouldBe(history.Skip((int)covered).Select(message => message.Message.Text));
    }

    private static async Task WriteUntilKilledAsync(string path, int acknowledgements, HashSet<Guid> lines, long[] versions, long[] summaries)
    {
        var host = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        using var process = Process.Start(new ProcessStartInfo(host)
        {
            ArgumentList = { "exec", typeof(Program).Assembly.Location, "write", path },
            RedirectStandardOutput = true,
        })!;
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var seen = 0;
            while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                Note(line, lines, versions, summaries);
                if (++seen == acknowledgements)
                    process.Kill();
            }

            seen.ShouldBeGreaterThanOrEqualTo(acknowledgements, "the writing process ended by itself");
            await process.WaitForExitAsync(timeout.Token);
        }
        finally
        {
            process.Kill();
        }
    }

    private static void Note(string line, HashSet<Guid> lines, long[] versions, long[] summaries)
    {
        switch (line.Split(' '))
        {
            // The last line may be cut off by the kill.
            case ["line", var id] when Guid.TryParseExact(id, "D", out var guid):
                lines.Add(guid);
                break;
            case ["turn" or "summary", var writer, var version] when long.Parse(version, CultureInfo.InvariantCulture) is var number:
                var index = int.Parse(writer, CultureInfo.InvariantCulture);
                var noted = line[0] == 't' ? versions : summaries;
                noted[index] = Math.Max(noted[index], number);
                break;
        }
    }
}
