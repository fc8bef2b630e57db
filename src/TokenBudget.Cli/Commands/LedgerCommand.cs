using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using TokenBudget.Costs;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget ledger STORE</c>: the lines of a ledger, one by one.</summary>
internal static class LedgerCommand
{
    private static readonly string[] Headers =
        ["id", "at", "agent", "method", "model", "budget", "tenant", "outcome", "fresh input", "cache read", "cache write 5m", "cache write 1h", "output", "reasoning", "cost USD", "estimate"];

    // What fits the width of a terminal.
    private static readonly int[] InTable = [1, 2, 3, 4, 7, 8, 9, 12, 14];

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
            if (parsed.GetValue(json))
                await WriteJsonAsync(lines, environment.Out);
            else if (parsed.GetValue(csv))
                await WriteCsvAsync(lines, environment.Out);
            else
                await WriteTableAsync(lines, environment.Out);
            await environment.Out.FlushAsync(cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task WriteTableAsync(IAsyncEnumerable<LedgerEntry> lines, TextWriter output)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in InTable)
            table.AddColumn(new TableColumn(Headers[column]) { Alignment = column >= 8 ? Justify.Right : Justify.Left });
        await foreach (var line in lines)
        {
            var fields = FieldsOf(line);
            // Names are text and not the table's markup.
            table.AddRow([.. InTable.Select(column => new Text(fields[column]))]);
        }

        PlainConsole.Over(output).Write(table);
    }

    private static async Task WriteCsvAsync(IAsyncEnumerable<LedgerEntry> lines, TextWriter output)
    {
        var csv = new CsvWriter(output);
        csv.WriteRow(Headers);
        await foreach (var line in lines)
            csv.WriteRow(FieldsOf(line));
    }

    private static async Task WriteJsonAsync(IAsyncEnumerable<LedgerEntry> lines, TextWriter output)
    {
        await foreach (var line in lines)
            await output.WriteLineAsync(Json(line));
    }

    private static string[] FieldsOf(LedgerEntry line) =>
    [
        line.Id.ToString(),
        line.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        line.Agent,
        line.Method,
        line.Model,
        line.Budget,
        line.Tenant ?? "",
        line.Outcome.ToString().ToLowerInvariant(),
        Number(line.Usage.FreshInput),
        Number(line.Usage.CacheRead),
        Number(line.Usage.CacheWrite5Minutes),
        Number(line.Usage.CacheWrite1Hour),
        Number(line.Usage.Output),
        Number(line.Usage.Reasoning),
        line.Cost.Dollars.ToString(CultureInfo.InvariantCulture),
        line.IsEstimate ? "yes" : "no",
    ];

    private static string Json(LedgerEntry line)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", line.Id);
            json.WriteString("at", line.At);
            json.WriteString("agent", line.Agent);
            json.WriteString("method", line.Method);
            json.WriteString("model", line.Model);
            json.WriteString("budget", line.Budget);
            json.WriteString("tenant", line.Tenant);
            json.WriteString("outcome", line.Outcome.ToString().ToLowerInvariant());
            json.WriteNumber("freshInput", line.Usage.FreshInput);
            json.WriteNumber("cacheRead", line.Usage.CacheRead);
            json.WriteNumber("cacheWrite5Minutes", line.Usage.CacheWrite5Minutes);
            json.WriteNumber("cacheWrite1Hour", line.Usage.CacheWrite1Hour);
            json.WriteNumber("output", line.Usage.Output);
            json.WriteNumber("reasoning", line.Usage.Reasoning);
            json.WriteNumber("costUsd", line.Cost.Dollars);
            json.WriteBoolean("isEstimate", line.IsEstimate);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string Number(long count) => count.ToString(CultureInfo.InvariantCulture);
}
