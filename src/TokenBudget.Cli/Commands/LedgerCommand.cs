using System.CommandLine;
using TokenBudget.Costs;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget ledger STORE</c>: the lines of a ledger, one by one.</summary>
internal static class LedgerCommand
{
    private static readonly Column<LedgerEntry>[] Columns =
    [
        new("id", "id", static line => line.Id.ToString()),
        new("at", "at", static line => line.At),
        new("agent", "agent", static line => line.Agent),
        new("method", "method", static line => line.Method),
        new("model", "model", static line => line.Model),
        new("budget", "budget", static line => line.Budget),
        new("tenant", "tenant", static line => line.Tenant),
        new("outcome", "outcome", static line => line.Outcome.ToString().ToLowerInvariant()),
        .. UsageColumns.Of<LedgerEntry>(static line => line.Usage),
        new("cost USD", "costUsd", static line => line.Cost.Dollars, IsNumber: true),
        new("estimate", "isEstimate", static line => line.IsEstimate),
    ];

    // What fits the width of a terminal. Lines about a budget alone, which say that somebody paused it or approved more, name it where others name their agent.
    private static readonly string[] InTable = ["at", "agent", "method", "model", "outcome", "freshInput", "cacheRead", "output", "costUsd"];

    public static Command Create(CliEnvironment environment)
    {
        var store = StoreName.Argument();
        var filter = new LedgerFilter();
        var outcome = ChoiceOption.Create<LedgerOutcome>("--outcome", "Only lines of requests that ended so; unsettled are those a killed process left behind.");
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var csv = new Option<bool>("--csv") { Description = "Comma-separated values, safe to open in a spreadsheet." };
        var command = new Command("ledger", "Writes the lines of a ledger, oldest first.") { store, outcome, json, csv };
        filter.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var outcomes = parsed.GetRequiredValue(outcome);
            var query = filter.Of(parsed) with { Outcome = outcomes is [var single] ? single : null };
            await using var open = await StoreName.OpenAsync(parsed.GetRequiredValue(store), cancellationToken);
            var lines = open.Ledger.ReadAsync(query, cancellationToken).Where(line => outcomes.Length == 0 || outcomes.Contains(line.Outcome));
            var all = new Rows<LedgerEntry>(Columns, environment.Out);
            await (parsed.GetValue(json) ? all.WriteJsonAsync(lines)
                : parsed.GetValue(csv) ? all.WriteCsvAsync(lines)
                : new Rows<LedgerEntry>([.. Columns.Where(static column => InTable.Contains(column.Field))], environment.Out)
                    .WriteTableAsync(lines.Select(static line => line.Agent.Length > 0 ? line : line with { Agent = $"budget {line.Budget}" })));
            await environment.Out.FlushAsync(cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }
}
