using Microsoft.Extensions.AI;
using TokenBudget.Benchmarks.Ratios;
using TokenBudget.Configuration;

namespace TokenBudget.Benchmarks.Calls;

/// <summary>Generated calls against what one writes by hand, on a client that answers at once.</summary>
internal static class CallPairs
{
    private const int Updates = 1_000;

    public static IEnumerable<RatioPair> All()
    {
        yield return Off();
        yield return Miss();
        yield return Field("generated call, everything on", "window, limits, telemetry and cost as layers of the field", LayersCommand.Echo(), LayersCommand.Field(isCached: false));
        yield return Field(
            "generated call, everything on and cached, a miss", "cache, window, limits, telemetry and cost as layers of the field", LayersCommand.CachedEcho(), LayersCommand.Field(isCached: true));
        yield return Stream("streamed update, budgeted client", static (_, budgeted) => budgeted.GetStreamingResponseAsync("Repeat: a"));
        yield return Stream("streamed update, generated call", static (agent, _) => agent.StreamAsync("a"));
    }

    private static RatioPair Off()
    {
        var reader = new Readers.Instant();
        IReader ours = new BudgetedReader(reader, new TokenBudgetRuntime(new TokenBudgetOptions { Enabled = false }));
        IReader theirs = new Readers.Decorator(reader);
        return new RatioPair(
            "1,000 wrapped calls, budget off", "decorator by hand", 2, () => Repeat(ours), () => Repeat(theirs));

        static void Repeat(IReader reader)
        {
            for (var call = 0; call < 1_000; call++)
                reader.ReadAsync("a");
        }
    }

    private static RatioPair Miss()
    {
        var ours = LayersCommand.Echo();
        var theirs = AsyncLayer.Stack(new InstantClient(0), 5);
        return new RatioPair(
            "generated call, everything on",
            "five async layers that do nothing",
            1 / 3d,
            () => LayersCommand.Complete(ours()),
            () => LayersCommand.Complete(theirs.GetResponseAsync("Repeat: a")));
    }

    /// <summary>The same against the same features as a team would stack them.</summary>
    private static RatioPair Field(string name, string peer, Func<Task> ours, Func<Task> theirs) =>
        new(name, peer, 1 / 3d, () => LayersCommand.Complete(ours()), () => LayersCommand.Complete(theirs()));

    private static RatioPair Stream(string name, Func<IEchoAgent, IChatClient, IAsyncEnumerable<ChatResponseUpdate>> stream)
    {
        var runtime = LayersCommand.Runtime();
        var client = new InstantClient(Updates);
        var agent = new EchoAgent(client, runtime);
        var budgeted = client.WithTokenBudget(runtime, new() { Agent = "bench", Method = "Stream", Settings = new BudgetSettings { Model = "gpt-4o", TokensPerMinute = 1_000_000_000_000 } });
        var theirs = AsyncLayer.Stack(client, 5);
        return new RatioPair(
            $"{name} (a stream of {Updates:N0})",
            "five async iterators that do nothing",
            1 / 3d,
            () => LayersCommand.Complete(ReadAsync(stream(agent, budgeted))),
            () => LayersCommand.Complete(ReadAsync(theirs.GetStreamingResponseAsync("Repeat: a"))));
    }

    private static async Task ReadAsync(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        await foreach (var update in updates.ConfigureAwait(false))
            _ = update;
    }
}
