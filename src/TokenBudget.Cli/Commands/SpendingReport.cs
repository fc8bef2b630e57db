using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Cli.Commands;

/// <summary>Prints totals of a ledger.</summary>
/// <param name="parts">What they are told apart by: the first columns, in the order of the ledger's keys.</param>
/// <param name="output">Where to.</param>
internal sealed class SpendingReport(IEnumerable<ReportPart> parts, TextWriter output)
{
    private readonly ReportPart[] _parts = [.. parts.Order()];

    /// <summary>A table with the cost added up line by line, and a last line with the sum of all.</summary>
    public void WriteTable(IReadOnlyList<LedgerTotal> totals)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var part in _parts)
            table.AddColumn(NameOf(part));
        foreach (var header in new[] { "requests", "input", "cached", "output", "cost", "so far", "avoided requests", "avoided cost" })
            table.AddColumn(new TableColumn(header).RightAligned());
        var soFar = Usd.Zero;
        foreach (var total in totals)
            AddRow(table, total, [.. _parts.Select(part => TextOf(total.Key, part))], soFar += total.Cost);
        AddRow(table, Sum(totals), [.. _parts.Select(static (_, index) => index == 0 ? "total" : "")], soFar);
        PlainConsole.Over(output).Write(table);
    }

    /// <summary>One object a line and total, without the sum.</summary>
    public void WriteJson(IEnumerable<LedgerTotal> totals)
    {
        foreach (var total in totals)
            output.WriteLine(Json(total));
    }

    /// <summary>One line a total, without the sum.</summary>
    public void WriteCsv(IEnumerable<LedgerTotal> totals)
    {
        var csv = new CsvWriter(output);
        csv.WriteRow([.. _parts.Select(NameOf), "requests", "fresh input", "cache read", "cache write 5m", "cache write 1h", "output", "reasoning", "cost USD", "avoided requests", "avoided cost USD"]);
        foreach (var total in totals)
        {
            csv.WriteRow(
            [
                .. _parts.Select(part => TextOf(total.Key, part)),
                .. new decimal[]
                {
                    total.Requests, total.Usage.FreshInput, total.Usage.CacheRead, total.Usage.CacheWrite5Minutes, total.Usage.CacheWrite1Hour, total.Usage.Output, total.Usage.Reasoning,
                    total.Cost.Dollars, total.AvoidedRequests, total.AvoidedCost.Dollars,
                }.Select(static number => number.ToString(CultureInfo.InvariantCulture)),
            ]);
        }
    }

    private static LedgerTotal Sum(IEnumerable<LedgerTotal> totals) => totals.Aggregate(
        new LedgerTotal { Key = new LedgerKey() },
        static (sum, total) => sum with
        {
            Requests = sum.Requests + total.Requests,
            Usage = sum.Usage + total.Usage,
            Cost = sum.Cost + total.Cost,
            AvoidedRequests = sum.AvoidedRequests + total.AvoidedRequests,
            AvoidedCost = sum.AvoidedCost + total.AvoidedCost,
        });

    private static void AddRow(Table table, LedgerTotal total, string[] key, Usd soFar)
    {
        string[] cells =
        [
            .. key,
            Number(total.Requests),
            Number(total.Usage.TotalInput),
            Number(total.Usage.CacheRead),
            Number(total.Usage.TotalOutput),
            Dollars(total.Cost),
            Dollars(soFar),
            Number(total.AvoidedRequests),
            Dollars(total.AvoidedCost),
        ];
        // Names are text and not the table's markup.
        table.AddRow([.. cells.Select(static cell => new Text(cell))]);
    }

    private string Json(LedgerTotal total)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var part in _parts)
                json.WriteString(NameOf(part), TextOf(total.Key, part));
            json.WriteNumber("requests", total.Requests);
            json.WriteNumber("freshInput", total.Usage.FreshInput);
            json.WriteNumber("cacheRead", total.Usage.CacheRead);
            json.WriteNumber("cacheWrite5Minutes", total.Usage.CacheWrite5Minutes);
            json.WriteNumber("cacheWrite1Hour", total.Usage.CacheWrite1Hour);
            json.WriteNumber("output", total.Usage.Output);
            json.WriteNumber("reasoning", total.Usage.Reasoning);
            json.WriteNumber("costUsd", total.Cost.Dollars);
            json.WriteNumber("avoidedRequests", total.AvoidedRequests);
            json.WriteNumber("avoidedCostUsd", total.AvoidedCost.Dollars);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string NameOf(ReportPart part) => part.ToString().ToLowerInvariant();

    private static string TextOf(LedgerKey key, ReportPart part) => part switch
    {
        ReportPart.Day => key.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "",
        ReportPart.Agent => key.Agent,
        ReportPart.Method => key.Method,
        ReportPart.Model => key.Model,
        ReportPart.Tenant => key.Tenant,
        _ => key.Budget,
    };

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Dollars(Usd amount) => amount.Dollars.ToString("$#,0.0000;-$#,0.0000", CultureInfo.InvariantCulture);
}
