using System.Collections.Concurrent;
using System.Diagnostics;
using TokenBudget.Costs;
using TokenBudget.Sqlite;
using TokenBudget.Testing;

namespace TokenBudget.Wire.Tests;

/// <summary>Kills a process in the middle of its calls, again and again on the same ledger; the simulated provider is the bank that knows what was really spent.</summary>
public sealed class KillTests : IDisposable
{
    private static readonly int Rounds = Environment.GetEnvironmentVariable("TOKENBUDGET_NIGHTLY") == "1" ? 200 : 2;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tokenbudget-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact(Timeout = 600_000)]
    public async Task No_spending_is_forgotten_and_no_answered_call_is_booked_twice()
    {
        var calls = new ConcurrentDictionary<int, string>();
        await using var provider = await ProviderSimulator.StartAsync(new SimulatorOptions
        {
            Models = [SimulatedModel.FromUsdPerMillionTokens(Wire.Sonnet, input: 3m, output: 15m)],
            Responder = (request, _) =>
            {
                calls[request.Number] = request.Messages[^1].Text;
                return ValueTask.FromResult(SimulatedReply.Text(Wire.Story));
            },
            Latency = new SimulatedLatency { TimeToFirstToken = TimeSpan.FromMilliseconds(5), OutputTokensPerSecond = 10_000 },
            Limits = SimulatedLimits.None,
        });
        var path = Path.Combine(_folder.FullName, "ledger.db");
        var answered = new HashSet<string>();
        var random = new Random(26);
        for (var round = 0; round < Rounds; round++)
        {
            await AskUntilKilledAsync(provider.BaseAddress, path, round, random.Next(1, 120), answered);
            await provider.GetFinalVerdictAsync(patience: TimeSpan.FromSeconds(20));

            await using var store = await SqliteStore.OpenAsync(path);
            var lines = new Dictionary<string, LedgerEntry>(StringComparer.Ordinal);
            await foreach (var line in store.ReadAsync(new LedgerQuery()))
                lines.TryAdd(line.Agent, line).ShouldBeTrue($"{line.Agent} has two lines");
            var bill = provider.Log.ToDictionary(exchange => calls[exchange.Number], static exchange => exchange.PicoDollars, StringComparer.Ordinal);
            foreach (var call in answered)
                (lines[call].Outcome, lines[call].Cost.PicoDollars).ShouldBe((LedgerOutcome.Completed, bill[call]), call);
            foreach (var (call, picoDollars) in bill)
                lines[call].Cost.PicoDollars.ShouldBeGreaterThanOrEqualTo(picoDollars, $"{lines[call]}");
            lines.Values.Count(static line => line.Outcome == LedgerOutcome.Unsettled).ShouldBeLessThanOrEqualTo((round + 1) * Program.Callers, "one for each caller that was under way");
            lines.Values.ShouldAllBe(static line => line.Outcome == LedgerOutcome.Completed || line.Outcome == LedgerOutcome.Unsettled);
            (await store.VerifyLedgerAsync()).Findings.ShouldBeEmpty();
            (await store.SumCostAsync(new LedgerQuery { Budget = "bank" })).PicoDollars.ShouldBe(lines.Values.Sum(static line => line.Cost.PicoDollars));
        }

        answered.Count.ShouldBeGreaterThan(Rounds);
    }

    private static async Task AskUntilKilledAsync(Uri provider, string path, int round, int answers, HashSet<string> answered)
    {
        var host = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        using var process = Process.Start(new ProcessStartInfo(host)
        {
            ArgumentList = { "exec", typeof(Program).Assembly.Location, "ask", provider.AbsoluteUri, path, $"{round}" },
            RedirectStandardOutput = true,
        })!;
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var seen = 0;
            while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                // The last line may be cut off by the kill.
                if (line.StartsWith("answered ", StringComparison.Ordinal) && line.EndsWith('.'))
                    answered.Add(line["answered ".Length..^1]);
                if (++seen == answers)
                    process.Kill();
            }

            seen.ShouldBeGreaterThanOrEqualTo(answers, "the asking process ended by itself");
            await process.WaitForExitAsync(timeout.Token);
        }
        finally
        {
            process.Kill();
        }
    }
}
