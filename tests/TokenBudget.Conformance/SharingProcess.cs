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
        var admitted = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            try
            {
                while (true)
                {
                    try
                    {
                        await client.GetResponseAsync([new ChatMessage(ChatRole.User, "?")], cancellationToken: patience.Token);
                        return 1;
                    }
                    catch (SharedLimitUnavailableException)
                    {
                        // The first exchange of a process that has just started may take longer than callers are to wait.
                        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
                    }
                }
            }
            catch (Exception error) when (error is OperationCanceledException or RateLimitExceededException)
            {
                return 0;
            }
        }));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"admitted {admitted.Sum()}"));
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
            var admitted = new List<int>();
            foreach (var process in processes)
                admitted.Add(int.Parse((await process.StandardOutput.ReadLineAsync(timeout.Token)).ShouldNotBeNull().Split(' ')[1], CultureInfo.InvariantCulture));
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
