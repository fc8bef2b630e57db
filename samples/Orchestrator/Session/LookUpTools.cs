using System.ComponentModel;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

namespace Orchestrator.Session;

/// <summary>The agent's tools. Results are large, as results of log searches, files and queries are.</summary>
internal static class LookUpTools
{
    private const int LogLines = 60;

    /// <summary>The options every client sends with a step.</summary>
    public static ChatOptions CreateOptions() => new()
    {
        Tools =
        [
            AIFunctionFactory.Create(SearchLogs, "search_logs"),
            AIFunctionFactory.Create(ReadFile, "read_file"),
            AIFunctionFactory.Create(RunQuery, "run_query"),
        ],
    };

    [Description("Searches the logs of a service. Returns the newest matching lines with trace ids.")]
    private static string SearchLogs(
        [Description("The service, for example billing.")] string service,
        [Description("What to look for.")] string query,
        [Description("Which look-up of the step this is, counted from 1.")] int part)
    {
        var random = Seed(service, query, part);
        var text = Head(part).Append(CultureInfo.InvariantCulture, $"{LogLines} lines of {service} for '{query}':\n");
        for (var line = 0; line < LogLines; line++)
            text.Append(CultureInfo.InvariantCulture, $"10:{random.Next(60):D2}:{random.Next(60):D2}.{random.Next(1_000):D3} {service} trace={random.NextInt64():x16} order={48_000 + random.Next(2_000)} state={(random.Next(4) == 0 ? "retrying" : "settled")} ms={random.Next(900)}\n");
        return text.ToString();
    }

    [Description("Reads a file of a service's repository.")]
    private static string ReadFile(
        [Description("The path, for example billing/src/settle.cs.")] string path,
        [Description("Which look-up of the step this is, counted from 1.")] int part)
    {
        var random = Seed(path, path, part);
        var text = Head(part).Append(CultureInfo.InvariantCulture, $"// {path}\n");
        for (var line = 0; line < 90; line++)
            text.Append(CultureInfo.InvariantCulture, $"    if (order.State == State.{(random.Next(2) == 0 ? "Pending" : "Settled")} && attempts < {random.Next(9)}) return Settle(order, Amount.Of({random.Next(90_000)}));\n");
        return text.ToString();
    }

    [Description("Runs a read-only SQL query. Returns rows as text.")]
    private static string RunQuery(
        [Description("The query.")] string sql,
        [Description("Which look-up of the step this is, counted from 1.")] int part)
    {
        var random = Seed(sql, sql, part);
        var text = Head(part).Append("order_id | state | amount | settled_at\n");
        for (var line = 0; line < 110; line++)
            text.Append(CultureInfo.InvariantCulture, $"{48_000 + random.Next(2_000)} | {(random.Next(3) == 0 ? "OPEN" : "SETTLED")} | {random.Next(100_000) / 100m:0.00} EUR | 2026-03-{1 + random.Next(28):D2}T{random.Next(24):D2}:00Z\n");
        return text.ToString();
    }

    private static StringBuilder Head(int part) => new StringBuilder("look-up ").Append(part).Append(" of this step\n");

    // string.GetHashCode differs from run to run.
    private static Random Seed(string first, string second, int part) => new((first + second).Aggregate(part, (sum, letter) => unchecked((sum * 31) + letter)));
}
