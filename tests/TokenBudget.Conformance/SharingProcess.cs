using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Shouldly;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.Sharing;
using TokenBudget.TestSupport;

namespace TokenBudget.Conformance;

/// <summary>A process of its own whose callers share a limit with those of others.</summary>
public static class SharingProcess
{
    public const int Callers = 50;
    public const int Limit = 123;
    private const string Admitted = "admitted";

    /// <summary>Runs in the process: waits for a line and lets all callers go at once; says of each that it was admitted, and after another line how many were refused, and by how many milliseconds the machine was late at worst.</summary>
    /// <param name="store">What is shared.</param>
    /// <param name="skew">How far the clock of this process is off.</param>
    public static async Task RunAsync(ISharedLimitStore store, TimeSpan skew)
    {
        await using var runtime = new TokenBudgetRuntime(new TokenBudgetOptions(), time: new WrongClock(skew), sharedLimits: store);
        var client = new FakeChatClient { Otherwise = static _ => FakeReply.Text("yes") }.WithTokenBudget(runtime, new AgentMethodPolicy
        {
            Agent = "shared",
            Method = "Ask",
            Settings = BudgetSettings.Unset with { Model = "claude-sonnet-4-5", RequestsPerMinute = Limit, TokensPerMinute = 1_000_000_000 },
        });
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        await using var lateness = new MachineLateness();
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Callers).Select(async _ =>
        {
            try
            {
                await client.GetResponseAsync([new ChatMessage(ChatRole.User, "?")], cancellationToken: stop.Token);
                Console.WriteLine(Admitted);
                return 0;
            }
            catch (OperationCanceledException)
            {
                return 0;
            }
            catch (TokenBudgetException)
            {
                return 1;
            }
        }).ToList();
        await Console.In.ReadLineAsync();
        await stop.CancelAsync();
        var refused = (await Task.WhenAll(callers)).Sum();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{refused} {lateness.Worst.TotalMilliseconds:0}"));
        // What was used counts for everybody, whether this process is there or not.
        await Console.In.ReadLineAsync();
    }

    /// <summary>Starts eight of them and counts what all admit; one has a clock that is five minutes off.</summary>
    /// <param name="arguments">What follows the command to run the program of the test project.</param>
    public static async Task EightOfFiftyCallersAdmitExactlyTheLimitAsync(params string[] arguments)
    {
        var processes = Enumerable.Range(0, 8).Select(i => Start([.. arguments, i == 0 ? "-300" : "0"])).ToList();
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(5));
            foreach (var process in processes)
                (await process.StandardOutput.ReadLineAsync(timeout.Token)).ShouldBe("ready");
            var began = Stopwatch.StartNew();
            foreach (var process in processes)
                await process.StandardInput.WriteLineAsync("go");
            var (admitted, inOneMinute) = (0, 0);
            var refusals = processes.Select(async process =>
            {
                string? line;
                while ((line = await process.StandardOutput.ReadLineAsync(timeout.Token)) == Admitted)
                {
                    // Heard of within a minute of the beginning, it happened within that minute.
                    if (began.Elapsed < TimeSpan.FromMinutes(1))
                        Interlocked.Increment(ref inOneMinute);
                    Interlocked.Increment(ref admitted);
                }

                return line;
            }).ToList();
            await Eventually.TrueAsync(() => Volatile.Read(ref admitted) >= Limit, TimeSpan.FromMinutes(3));
            // Nobody of the others comes through after that.
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, timeout.Token);
            foreach (var process in processes)
                await process.StandardInput.WriteLineAsync("stop");
            var took = began.Elapsed;
            var ends = (await Task.WhenAll(refusals)).Select(static line => line!.Split(' ').Select(static number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray()).ToList();
            inOneMinute.ShouldBeLessThanOrEqualTo(Limit);
            // A machine on which eight processes take a minute to start has begun the next.
            if (took < TimeSpan.FromSeconds(55))
                admitted.ShouldBe(Limit);
            // Nor does a store answer in time there, if one of them has it and does not run.
            if (ends.All(static end => end[1] < 50))
                ends.ShouldAllBe(static end => end[0] == 0, "whoever starts waits for its turn");
        }
        finally
        {
            foreach (var process in processes)
            {
                process.Kill();
                process.Dispose();
            }
        }
    }

    private static Process Start(string[] arguments)
    {
        var host = Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        return Process.Start(new ProcessStartInfo(host, ["exec", .. arguments]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
    }

    private sealed class WrongClock(TimeSpan skew) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + skew;
    }
}
