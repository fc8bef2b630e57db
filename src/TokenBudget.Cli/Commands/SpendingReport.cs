using System.Globalization;
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
    public Task WriteJsonAsync(IEnumerable<LedgerTotal> totals) => Rows().WriteJsonAsync(totals.ToAsyncEnumerable());

    /// <summary>One line a total, without the sum.</summary>
    public Task WriteCsvAsync(IEnumerable<LedgerTotal> totals) => Rows().WriteCsvAsync(totals.ToAsyncEnumerable());

    private Rows<LedgerTotal> Rows() => new(
        [
            .. _parts.Select(static part => new Column<LedgerTotal>(NameOf(part), NameOf(part), total => TextOf(total.Key, part))),
            new("requests", "requests", static total => total.Requests, IsNumber: true),
            .. UsageColumns.Of<LedgerTotal>(static total => total.Usage),
            new("cost USD", "costUsd", static total => total.Cost.Dollars, IsNumber: true),
            new("avoided requests", "avoidedRequests", static total => total.AvoidedRequests, IsNumber: true),
            new("avoided cost USD", "avoidedCostUsd", static total => total.AvoidedCost.Dollars, IsNumber: true),
        ],
        output);

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
            Number(total.Usage.TotalCacheRead),
            Number(total.Usage.TotalOutput),
            Dollars(total.Cost),
            Dollars(soFar),
            Number(total.AvoidedRequests),
            Dollars(total.AvoidedCost),
        ];
        // Names are text and not the table's markup.
        table.AddRow([.. cells.Select(static cell => new Text(cell))]);
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
