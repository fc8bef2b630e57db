using System.Globalization;
using System.Runtime.InteropServices;
using Anthropic.Exceptions;
using Orchestrator.Replay;
using Orchestrator.Reporting;
using Orchestrator.Session;
using Orchestrator.Web;
using Spectre.Console;
using TokenBudget;
using TokenBudget.Configuration;
using TokenBudget.Conversations;

const string Usage = """
    dotnet run --project samples/Orchestrator                            the session, against a simulator on loopback, with its dashboard on http://127.0.0.1:9403
    dotnet run --project samples/Orchestrator -- --console               the session with three clients, compared in a table
    dotnet run --project samples/Orchestrator -- --conversations FILE    recorded conversations (.jsonl or .jsonl.gz), against the simulator

    With ANTHROPIC_API_KEY set, the session talks to the real service; the worst-case cost is printed first.
    ConnectionStrings__TokenBudget says where ledger and conversations are kept: PostgreSQL (Host=…) or the path of a SQLite file.
    OTEL_EXPORTER_OTLP_ENDPOINT exports metrics and traces; by HTTP with OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf. ASPNETCORE_URLS says where to listen.
    """;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
// As a container or a service manager stops it.
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});

try
{
    // A value that means nothing is told before anything runs.
    _ = TokenBudgetOptionsReader.FromEnvironment();
    switch (args)
    {
        case []:
            await ServeSessionAsync(stop.Token);
            return 0;
        case ["--console"]:
            await CompareSessionsAsync(stop.Token);
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

static async Task ServeSessionAsync(CancellationToken cancellationToken)
{
    var address = Environment.GetEnvironmentVariable("ASPNETCORE_URLS") is { Length: > 0 } urls ? urls : "http://127.0.0.1:9403";
    var connectionString = Environment.GetEnvironmentVariable("ConnectionStrings__TokenBudget");
    var (script, simulation, key) = Session(Stores.IsShared(connectionString));
    if (!Confirm(simulation, WorstCase.Of(script, WorstCase.OurContext), "the session costs"))
        return;

    using var telemetry = TelemetryExport.Start();
    await using var host = await OrchestratorHost.StartAsync(script, simulation, key, address, connectionString, cancellationToken);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The dashboard is on {host.Address}tokenbudget, the ledger in {host.Store}. Ctrl+C stops."));
    ComparisonTable.Print([await RunProgress.RunAsync("TokenBudget", host.Steps, onStep => host.RunSessionAsync(onStep, cancellationToken))]);
    Console.WriteLine(await host.AskAsync("What have you spent and saved in this session?", cancellationToken));
    Console.WriteLine($"The session is over; the dashboard stays. Ask the agent: curl -H 'X-TokenBudget: 1' -d 'What have you spent?' {host.Address}ask");
    Console.WriteLine($"The conversation is {host.ConversationId}; 'tokenbudget history STORE {host.ConversationId}' prints it.");
    await host.WaitAsync(cancellationToken);
}

static (SessionScript Script, Simulation? Simulation, string? Key) Session(bool isShared = false)
{
    var key = Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY");
    // The pause lets the provider's prompt cache go cold; on a real clock nobody would wait for it.
    return !string.IsNullOrEmpty(key) ? (SessionScript.Create(), null, key)
        : isShared ? (SessionScript.Create(), Simulation.RealPace, null)
        : (SessionScript.Create(pause: TimeSpan.FromMinutes(8)), Simulation.Fast, null);
}

static bool Confirm(Simulation? simulation, decimal worstCaseUsd, string what)
{
    if (simulation is not null)
    {
        var pace = simulation == Simulation.RealPace ? "at its real pace, for a store that is shared keeps its own time: about eleven minutes" : "with a clock 60 times as fast";
        Console.WriteLine($"No ANTHROPIC_API_KEY: the session runs against a simulated provider on loopback, {pace}. Nothing is spent.");
        return true;
    }

    AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[yellow]ANTHROPIC_API_KEY is set: this talks to the real service.[/] At the very worst {what} [yellow]${worstCaseUsd:N2}[/]. Ctrl+C stops.");
    return Console.IsInputRedirected || AnsiConsole.Confirm("Go on?", defaultValue: false);
}

static async Task CompareSessionsAsync(CancellationToken cancellationToken)
{
    var (script, simulation, key) = Session();
    var session = new SessionComparison(script, simulation, key);
    if (!Confirm(simulation, session.WorstCaseUsd, "the three runs together cost"))
        return;

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

    Console.WriteLine($"{conversations.Count} recorded conversations against a simulated provider on loopback. Nothing is spent.");
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
