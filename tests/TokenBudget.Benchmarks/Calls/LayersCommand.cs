using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Benchmarks.Calls.Field;
using TokenBudget.Benchmarks.Ratios;
using TokenBudget.Calls;
using TokenBudget.Configuration;

namespace TokenBudget.Benchmarks.Calls;

/// <summary>
/// What each feature adds to a call that reaches the provider: one line a combination, all measured in turn in one process, with the time and the bytes of a call. The client answers at
/// once, or when it is told to; its own answer is in every line.
/// </summary>
internal static class LayersCommand
{
    private const int Rounds = 9;
    private const string Question = "a";

    public static int Run()
    {
        (string Name, Func<Task> Call)[] lines =
        [
            ("the client alone", Asking(new InstantClient(0))),
            ("five async layers that do nothing", Asking(AsyncLayer.Stack(new InstantClient(0), 5))),
            ("budgeted client, switched off", Asking(Budgeted(new BudgetSettings(), isEnabled: false))),
            ("budgeted client: counted, priced, in the ledger, tokens a minute", Asking(Budgeted(new BudgetSettings()))),
            ("  with requests and tokens in and out a minute", Asking(Budgeted(new BudgetSettings { RequestsPerMinute = Plenty, InputTokensPerMinute = Plenty, OutputTokensPerMinute = Plenty }))),
            ("  with a limit in dollars a day", Asking(Budgeted(new BudgetSettings { LimitUsd = 100_000 }))),
            ("  with a limit in dollars a call", Asking(Budgeted(new BudgetSettings { MaxUsdPerCall = 100 }))),
            ("  with a window", Asking(Budgeted(new BudgetSettings { MaxContextTokens = 50_000 }))),
            ("  with routes to other models", Asking(Budgeted(new BudgetSettings { WhenOverloaded = "gpt-4o-mini" }))),
            ("  with all of these", Asking(Budgeted(All))),
            ("  and a history of 20 messages", Asking(Budgeted(All), History(20))),
            ("generated call, everything on", Echo()),
            ("  and cached, a miss", CachedEcho()),
            ("layers of the field: window, limits, telemetry, cost", Field(isCached: false)),
            ("  and cached, a miss", Field(isCached: true)),
            ("answered later: five async layers that do nothing", Later(static client => Asking(AsyncLayer.Stack(client, 5)))),
            ("answered later: generated call, everything on", Later(static client => Echo(client))),
            ("answered later:   and cached, a miss", Later(static client => CachedEcho(client))),
            ("answered later: layers of the field", Later(static client => Field(isCached: false, client))),
            ("answered later:   and cached, a miss", Later(static client => Field(isCached: true, client))),
        ];
        var best = new double[lines.Length];
        Array.Fill(best, double.MaxValue);
        for (var round = -3; round < Rounds; round++)
        {
            for (var line = 0; line < lines.Length; line++)
            {
                var time = RatioRunner.Time(() => Complete(lines[line].Call()));
                // The first rounds are for the compiler.
                if (round >= 0)
                    best[line] = Math.Min(best[line], time);
            }
        }

        for (var line = 0; line < lines.Length; line++)
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{lines[line].Name,-64} {best[line],8:N0} ns {RatioRunner.BytesOf(() => Complete(lines[line].Call())),8:N0} bytes"));
        return 0;
    }

    private const long Plenty = 1_000_000_000_000;

    private static readonly BudgetSettings All = new()
    {
        MaxContextTokens = 50_000, MaxOutputTokens = 2_000, RequestsPerMinute = Plenty, LimitUsd = 100_000, MaxUsdPerCall = 100, WhenOverloaded = "gpt-4o-mini",
    };

    public static Func<Task> Echo(IChatClient? client = null)
    {
        var agent = new EchoAgent(client ?? new InstantClient(0), Runtime());
        return () => agent.EchoAsync(Question);
    }

    /// <summary>A cache without room: every call is a miss, with everything it does besides keeping the answer.</summary>
    public static Func<Task> CachedEcho(IChatClient? client = null)
    {
        var agent = new CachedEchoAgent(client ?? new InstantClient(0), Runtime());
        return () => agent.EchoAsync(Question);
    }

    public static Func<Task> Field(bool isCached, IChatClient? client = null)
    {
        var stack = FieldStack.Of(client ?? new InstantClient(0), isCached);
        return () => FieldStack.AskAsync(stack, Question);
    }

    /// <summary>Its ledger and its cache keep nothing: a store is not what is measured.</summary>
    public static TokenBudgetRuntime Runtime() => new(new TokenBudgetOptions { CacheMaxBytes = 1 }, new ForgetfulLedger());

    public static void Complete(Task task)
    {
        if (!task.IsCompletedSuccessfully)
            task.GetAwaiter().GetResult();
    }

    private static IChatClient Budgeted(BudgetSettings settings, bool isEnabled = true) => new InstantClient(0).WithTokenBudget(
        new TokenBudgetRuntime(new TokenBudgetOptions { Enabled = isEnabled }, new ForgetfulLedger()),
        // Without a limit of its own it would have the default one, and wait.
        new AgentMethodPolicy { Agent = "bench", Method = "Ask", Settings = settings with { Model = "gpt-4o", TokensPerMinute = Plenty } });

    private static Func<Task> Later(Func<IChatClient, Func<Task>> call)
    {
        var client = new LaterClient();
        return client.Answering(call(client));
    }

    private static Func<Task> Asking(IChatClient client) => () => client.GetResponseAsync($"Repeat: {Question}");

    private static Func<Task> Asking(IChatClient client, List<ChatMessage> history) => () => client.GetResponseAsync(history);

    private static List<ChatMessage> History(int messages) =>
        [.. Enumerable.Range(0, messages).Select(static index => new ChatMessage(index % 2 == 0 ? ChatRole.User : ChatRole.Assistant, new string((char)('a' + (index % 26)), 600)))];
}
