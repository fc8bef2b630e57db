using TokenBudget.Conversations;
using TokenBudget.TestSupport;

namespace TokenBudget.Benchmarks.Counting;

/// <summary><c>calibration</c>: how far estimates of recorded requests were off what was reported.</summary>
internal static class CalibrationCommand
{
    public static async Task<int> RunAsync()
    {
        if (!SharedData.Exists)
        {
            await Console.Error.WriteLineAsync(SharedData.Missing);
            return 1;
        }

        var conversations = new List<RecordedConversation>();
        await foreach (var conversation in RecordedConversationReader.ReadAsync(SharedData.File("conversations/conversations.dev.jsonl.gz"), static _ => { }))
            conversations.Add(conversation);
        var tau = RecordedUsage.Tau(conversations, await File.ReadAllLinesAsync(SharedData.File("usage/tau2-usage.dev.csv")));
        var pi = RecordedUsage.Pi(conversations, await File.ReadAllLinesAsync(SharedData.File("usage/pi-sessions-usage.dev.csv")));

        List<RecordedCall> agents = [.. tau.Where(static call => call.Agent.EndsWith("assistant", StringComparison.Ordinal))];
        List<RecordedCall> users = [.. tau.Where(static call => call.Agent.EndsWith("user", StringComparison.Ordinal))];
        Print("tau2, agents", agents, RecordedUsage.TauModel);
        Print("tau2, simulated users", users, RecordedUsage.TauModel);
        Print("tau2, both", tau, RecordedUsage.TauModel);
        Print("tau2, agents, as if they were one", AsOne(agents), RecordedUsage.TauModel);
        Print("tau2, both, as if they were one", AsOne(tau), RecordedUsage.TauModel);
        Print("pi session", pi, RecordedUsage.PiModel);
        return 0;
    }

    private static List<RecordedCall> AsOne(List<RecordedCall> calls) => [.. calls.Select(static call => call with { Agent = "one" })];

    private static void Print(string name, List<RecordedCall> calls, string model) => Console.WriteLine(CalibrationRun.Of(calls, model).Describe(name));
}
