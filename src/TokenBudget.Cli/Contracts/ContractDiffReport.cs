using System.Text.Json;
using Spectre.Console;
using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Cli.Contracts;

/// <summary>Prints what is different between two states of contracts, with what that costs.</summary>
/// <param name="before">The old state.</param>
/// <param name="after">The new one.</param>
/// <param name="comparison">Both, compared.</param>
/// <param name="output">Where to.</param>
internal sealed class ContractDiffReport(ContractFile before, ContractFile after, ContractComparison comparison, TextWriter output) : ContractOutput(output)
{
    private static readonly string[] Headers = ["method", "", "what changed", "1,000 calls: fixed part", "1,000 calls: at most"];

    private readonly ContractNames _names = new(comparison.Before.Concat(comparison.After));

    private string Title => comparison.Differences.Count == 0 ? "no change" : comparison.Summary;

    protected override void WriteTable()
    {
        Output.WriteLine(FormattableString.Invariant($"{comparison.After.Count} methods: {Title}."));
        if (comparison.Differences.Count == 0)
            return;
        var table = new Table().Border(TableBorder.Simple);
        foreach (var header in Headers)
            table.AddColumn(new TableColumn(header) { Alignment = header.StartsWith('1') ? Justify.Right : Justify.Left });
        // Names are text and not the table's markup.
        foreach (var difference in comparison.Differences)
            table.AddRow([.. new[] { _names[difference.Newest], difference.Word, difference.Text, FixedOf(difference), CeilingOf(difference) }.Select(static cell => new Text(cell))]);
        table.AddRow([.. new[] { "all methods", "", "", FixedTotal, CeilingTotal }.Select(static cell => new Text(cell))]);
        PlainConsole.Over(Output).Write(table);
    }

    protected override void WriteMarkdown()
    {
        Output.Write($"### Token budget contracts: {Title}\n");
        if (comparison.Differences.Count == 0)
            return;
        Output.Write("\n| method | | what changed | 1,000 calls: fixed part | 1,000 calls: at most |\n|---|---|---|--:|--:|\n");
        foreach (var difference in comparison.Differences)
        {
            var word = difference.Change.Kind == ContractChangeKind.Rose ? "**rose**" : difference.Word;
            Output.Write($"| {ContractText.Code(_names[difference.Newest])} | {word} | {ContractText.Code(difference.Text)} | {FixedOf(difference)} | {CeilingOf(difference)} |\n");
        }

        Output.Write($"| **all methods** | | | **{FixedTotal}** | **{CeilingTotal}** |\n");
    }

    protected override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartArray("differences");
        foreach (var difference in comparison.Differences)
            WriteDifference(json, difference);
        json.WriteEndArray();
        json.WriteStartObject("allMethods");
        WriteCosts(json, "fixedUsdOf1000Calls", Fixed(comparison.Before), Fixed(comparison.After));
        WriteCosts(json, "ceilingUsdOf1000Calls", Ceiling(comparison.Before), Ceiling(comparison.After));
        json.WriteEndObject();
    }

    protected override IEnumerable<SarifResult> Results() => comparison.Differences.Select(Result);

    private static void WriteDifference(Utf8JsonWriter json, ContractDifference difference)
    {
        json.WriteStartObject();
        json.WriteString("assembly", difference.Newest.Assembly);
        json.WriteString("method", difference.Newest.Method);
        json.WriteString("change", difference.Word);
        json.WriteStartArray("facts");
        foreach (var fact in difference.Change.Facts)
        {
            json.WriteStartObject();
            json.WriteString("name", fact.Name);
            json.WriteString("before", fact.Before);
            json.WriteString("after", fact.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteCosts(json, "fixedUsdOf1000Calls", difference.Before?.FixedOf1000, difference.After?.FixedOf1000);
        WriteCosts(json, "ceilingUsdOf1000Calls", difference.Before?.CeilingOf1000, difference.After?.CeilingOf1000);
        json.WriteEndObject();
    }

    private SarifResult Result(ContractDifference difference) => new(
        difference.Change.Kind == ContractChangeKind.Rose ? SarifRule.CeilingRose : SarifRule.ContractChanged,
        $"{_names[difference.Newest]} {difference.Word}: {difference.Text}.",
        difference.Newest.Method,
        (difference.After is null ? before : after).Path,
        difference.Newest.Line,
        difference.Newest.Key);

    private static void WriteCosts(Utf8JsonWriter json, string name, decimal? before, decimal? after)
    {
        json.WriteStartObject(name);
        Write("before", before);
        Write("after", after);
        json.WriteEndObject();

        void Write(string side, decimal? amount)
        {
            if (amount is { } usd)
                json.WriteNumber(side, usd);
            else
                json.WriteNull(side);
        }
    }

    // A method that is new or gone cost or costs nothing.
    private static string FixedOf(ContractDifference difference) =>
        ContractText.Dollars(difference.Before is null ? 0 : difference.Before.FixedOf1000, difference.After is null ? 0 : difference.After.FixedOf1000);

    private static string CeilingOf(ContractDifference difference) =>
        ContractText.Dollars(difference.Before is null ? 0 : difference.Before.CeilingOf1000, difference.After is null ? 0 : difference.After.CeilingOf1000);

    private string FixedTotal => ContractText.Dollars(Fixed(comparison.Before), Fixed(comparison.After));

    private string CeilingTotal => ContractText.Dollars(Ceiling(comparison.Before), Ceiling(comparison.After));

    private static decimal Fixed(IEnumerable<Contract> contracts) => ContractText.Sum(contracts.Select(static contract => contract.FixedOf1000)) ?? 0;

    private static decimal Ceiling(IEnumerable<Contract> contracts) => ContractText.Sum(contracts.Select(static contract => contract.CeilingOf1000)) ?? 0;
}
