using System.Diagnostics;
using System.Globalization;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using Xunit.Abstractions;

namespace TokenBudget.Sqlite.Tests;

/// <summary>
/// Kills a process that writes, again and again on the same file: what was acknowledged is there, no turn is torn, and what was sent to the provider is on record, at its price or at the
/// worst case.
/// </summary>
public sealed class SqliteCrashTests(ITestOutputHelper output)
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 1_000 : 50;
    private const int RoundsPerFile = 25;

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_and_what_was_sent_is_on_record()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(20260301);
        // The next process starts while this one is looked after.
        var next = Start();
        var (acknowledged, unsettled) = (0, 0);
        try
        {
            for (var begun = 0; begun < Rounds; begun += RoundsPerFile)
            {
                var path = folder.PathOf(string.Create(CultureInfo.InvariantCulture, $"store {begun}.db"));
                var told = new Told();
                for (var round = 1; round <= Math.Min(RoundsPerFile, Rounds - begun); round++)
                {
                    var process = next;
                    next = Start();
                    acknowledged += await WriteUntilKilledAsync(process, path, random.Next(1, 100), told);
                    unsettled += await CheckAsync(path, told, round);
                }
            }
        }
        finally
        {
            next.Kill();
            next.Dispose();
        }

        output.WriteLine($"{Rounds} kills, {acknowledged} acknowledgements, {unsettled} requests unsettled, none lost, none twice");
    }

    /// <returns>How many requests the kill left without a settlement.</returns>
    private static async Task<int> CheckAsync(string path, Told told, int round)
    {
        await using var store = await SqliteStore.OpenAsync(path);
        var stored = new Dictionary<Guid, LedgerEntry>();
        await foreach (var entry in store.ReadAsync(new LedgerQuery()))
            stored.TryAdd(entry.Id, entry).ShouldBeTrue();
        told.Lines.Except(stored.Keys).ShouldBeEmpty("acknowledged ledger lines were lost");
        foreach (var id in told.Paid)
            (stored[id].Outcome, stored[id].Cost).ShouldBe((LedgerOutcome.Completed, Program.BillOf(id)), "what was settled stays settled");
        foreach (var id in told.Sent)
            (stored.GetValueOrDefault(id)?.Cost).ShouldBe(stored[id].Outcome == LedgerOutcome.Unsettled ? Program.WorstCase : Program.BillOf(id), "what was sent is on record");
        stored.Values.ShouldNotContain(entry => entry.Outcome == LedgerOutcome.Reserved, "what was reserved is found at the start");
        stored.Values.Count(entry => entry.Outcome == LedgerOutcome.Unsettled).ShouldBeLessThanOrEqualTo(round * Program.Writers, "at most one request of each writer was under way");
        (await store.VerifyLedgerAsync()).Findings.ShouldBeEmpty("the seals are those of what was written");
        store.UnsettledFound.ShouldBeInRange(0, Program.Writers);
        (stored.Count - told.Lines.Union(told.Sent).Count()).ShouldBeLessThanOrEqualTo(round * Program.Writers, "at most one line of each writer was under way");
        (await store.SumCostAsync(new LedgerQuery { Budget = "paid" })).PicoDollars
            .ShouldBe(stored.Values.Where(entry => entry.Budget == "paid").Sum(entry => entry.Cost.PicoDollars));

        for (var writer = 0; writer < Program.Writers; writer++)
        {
            var slice = await store.ReadAsync(Program.ConversationOf(writer), int.MaxValue);
            slice.Version.ShouldBeInRange(told.Versions[writer], told.Versions[writer] + Program.MessagesPerTurn, "at most one turn was under way");
            var history = await store.ReadHistoryAsync(Program.ConversationOf(writer)).ToListAsync();
            history.Count.ShouldBe((int)slice.Version);
            CheckSummary(slice, history, told.Summaries[writer]);
            history.Select(message => message.Message.Text.TrimEnd('.')).ShouldBe(
                Enumerable.Range(0, (int)slice.Version).Select(i => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{i / Program.MessagesPerTurn * Program.MessagesPerTurn}+{i % Program.MessagesPerTurn}")));
            told.Versions[writer] = slice.Version;
        }

        return store.UnsettledFound;
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

    private static Process Start()
    {
        var host = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        return Process.Start(new ProcessStartInfo(host)
        {
            ArgumentList = { "exec", typeof(Program).Assembly.Location, "write" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <returns>How many acknowledgements there were.</returns>
    private static async Task<int> WriteUntilKilledAsync(Process process, string path, int acknowledgements, Told told)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(path);
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var seen = 0;
            while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                told.Note(line);
                if (++seen == acknowledgements)
                    process.Kill();
            }

            seen.ShouldBeGreaterThanOrEqualTo(acknowledgements, "the writing process ended by itself");
            await process.WaitForExitAsync(timeout.Token);
            return seen;
        }
        finally
        {
            process.Kill();
            process.Dispose();
        }
    }

    /// <summary>What the killed processes have said. The requests they sent are the provider's own bill.</summary>
    private sealed class Told
    {
        public HashSet<Guid> Lines { get; } = [];

        public HashSet<Guid> Sent { get; } = [];

        public HashSet<Guid> Paid { get; } = [];

        public long[] Versions { get; } = new long[Program.Writers];

        public long[] Summaries { get; } = new long[Program.Writers];

        public void Note(string line)
        {
            switch (line.Split(' '))
            {
                // The last line may be cut off by the kill.
                case ["line", var id] when Guid.TryParseExact(id, "D", out var guid):
                    Lines.Add(guid);
                    break;
                case ["sent", var id] when Guid.TryParseExact(id, "D", out var guid):
                    Sent.Add(guid);
                    break;
                case ["paid", var id] when Guid.TryParseExact(id, "D", out var guid):
                    Paid.Add(guid);
                    break;
                case ["turn" or "summary", var writer, var version] when long.TryParse(version, CultureInfo.InvariantCulture, out var number):
                    var index = int.Parse(writer, CultureInfo.InvariantCulture);
                    var noted = line[0] == 't' ? Versions : Summaries;
                    noted[index] = Math.Max(noted[index], number);
                    break;
            }
        }
    }
}
