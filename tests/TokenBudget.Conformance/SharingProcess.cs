using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Shouldly;
using TokenBudget.Calls;
using TokenBudget.Configuration;
using TokenBudget.RateLimiting;
using TokenBudget.Sharing;
using TokenBudget.TestSupport;

namespace TokenBudget.Conformance;

/// <summary>A process of its own whose callers share a limit with those of others.</summary>
public static class SharingProcess
{
    public const int Callers = 50;
    public const int Limit = 123;

    /// <summary>Runs in the process: waits for a line, lets all callers go at once, and says how many were admitted.</summary>
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
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(6));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            try
            {
                await client.GetResponseAsync([new ChatMessage(ChatRole.User, "?")], cancellationToken: patience.Token);
                return "admitted";
            }
            catch (Exception error) when (error is OperationCanceledException or RateLimitExceededException)
            {
                return "waited in vain";
            }
            catch (SharedLimitUnavailableException)
            {
                // The store is there and the process has just started: nobody is to be told otherwise.
                return "told the store is away";
            }
        }));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{outcomes.Count(static outcome => outcome == "admitted")} {outcomes.Count(static outcome => outcome == "told the store is away")}"));
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
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(90));
            foreach (var process in processes)
                (await process.StandardOutput.ReadLineAsync(timeout.Token)).ShouldBe("ready");
            foreach (var process in processes)
                await process.StandardInput.WriteLineAsync("go");
            var (admitted, misled) = (new List<int>(), 0);
            foreach (var process in processes)
            {
                var counts = (await process.StandardOutput.ReadLineAsync(timeout.Token)).ShouldNotBeNull().Split(' ').Select(static text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
                admitted.Add(counts[0]);
                misled += counts[1];
            }

            misled.ShouldBe(0, "callers were told that the store is away");
            admitted.Sum().ShouldBe(Limit, string.Join(" + ", admitted));
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
