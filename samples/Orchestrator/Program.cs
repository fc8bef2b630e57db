using System.Globalization;
using Anthropic.Exceptions;
using Orchestrator.Replay;
using Orchestrator.Reporting;
using Orchestrator.Session;
using Spectre.Console;
using TokenBudget;
using TokenBudget.Configuration;
using TokenBudget.Conversations;

const string Usage = """
    dotnet run --project samples/Orchestrator                            the session, against a simulator on loopback
    dotnet run --project samples/Orchestrator -- --conversations FILE    recorded conversations (.jsonl or .jsonl.gz), against the simulator

    With ANTHROPIC_API_KEY set, the session talks to the real service; the worst-case cost is printed first.
    """;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    // A value that means nothing is told before anything runs.
    _ = TokenBudgetOptionsReader.FromEnvironment();
    switch (args)
    {
        case []:
            await RunSessionAsync(stop.Token);
            return 0;
        case ["--conversations", var file]:
            return await ReplayAsync(file, stop.Token);
        case ["--help" or "-h"]:
            Console.WriteLine(Usage);
            return 0;
        default:
            Console.Error.WriteLine($"Unknown arguments: {string.Join(' ', args)}\n\n{Usage}");
            return 2;
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("Stopped.");
    return 130;
}
catch (Exception exception) when (exception is TokenBudgetException or AnthropicException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

static async Task RunSessionAsync(CancellationToken cancellationToken)
{
    var key = Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY");
    // The pause lets the provider's prompt cache go cold; on a real clock nobody would wait for it.
    var session = string.IsNullOrEmpty(key)
        ? new SessionComparison(SessionScript.Create(pause: TimeSpan.FromMinutes(8)), Simulation.Fast)
        : new SessionComparison(SessionScript.Create(), simulation: null, key);
    if (string.IsNullOrEmpty(key))
    {
        AnsiConsole.WriteLine("No ANTHROPIC_API_KEY: the session runs against a simulated provider on loopback, with a clock 60 times as fast. Nothing is spent.");
    }
    else
    {
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[yellow]ANTHROPIC_API_KEY is set: this talks to the real service.[/] At the very worst the three runs cost [yellow]${session.WorstCaseUsd:N2}[/] together. Ctrl+C stops.");
        if (!Console.IsInputRedirected && !AnsiConsole.Confirm("Go on?", defaultValue: false))
            return;
    }

    ComparisonTable.Print(
    [
        await RunProgress.RunAsync("unbounded", session.Steps, onStep => session.RunUnboundedAsync(onStep, cancellationToken)),
        await RunProgress.RunAsync("last 20 messages", session.Steps, onStep => session.RunLastTwentyAsync(onStep, cancellationToken)),
        await RunProgress.RunAsync("TokenBudget", session.Steps, onStep => session.RunBudgetedAsync(onStep, cancellationToken)),
    ]);
}

static async Task<int> ReplayAsync(string file, CancellationToken cancellationToken)
{
    var unreadable = 0;
    var conversations = new List<RecordedConversation>();
    await foreach (var conversation in RecordedConversationReader.ReadAsync(file, Complain, cancellationToken))
        conversations.Add(conversation);
    if (conversations.Count == 0)
    {
        Console.Error.WriteLine($"{file} holds no readable conversation.");
        return 1;
    }

    AnsiConsole.WriteLine($"{conversations.Count} recorded conversations against a simulated provider on loopback. Nothing is spent.");
    var replay = new ConversationReplay(conversations);
    ComparisonTable.Print(
    [
        await RunProgress.RunAsync("unbounded", replay.Conversations, onDone => replay.RunUnboundedAsync(onDone, cancellationToken)),
        await RunProgress.RunAsync("last 20 messages", replay.Conversations, onDone => replay.RunLastTwentyAsync(onDone, cancellationToken)),
        await RunProgress.RunAsync("TokenBudget", replay.Conversations, onDone => replay.RunBudgetedAsync(onDone, cancellationToken)),
    ]);
    return unreadable == 0 ? 0 : 1;

    void Complain(RecordedConversationError error)
    {
        unreadable++;
        Console.Error.WriteLine(error);
    }
}
