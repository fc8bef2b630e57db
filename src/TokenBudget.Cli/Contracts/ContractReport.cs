using System.Text.Json;
using Spectre.Console;
using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Cli.Contracts;

/// <summary>Prints contracts.</summary>
/// <param name="file">Where they are from.</param>
/// <param name="output">Where to.</param>
internal sealed class ContractReport(ContractFile file, TextWriter output) : ContractOutput(output)
{
    private static readonly string[] Headers = ["method", "model", "fixed tokens", "input", "output", "requests", "at most a call", "1,000 calls: fixed part", "1,000 calls: at most"];

    private readonly ContractNames _names = new(file.Contracts);

    protected override void WriteTable()
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(Headers[0], Headers[1]);
        foreach (var header in Headers[2..])
            table.AddColumn(new TableColumn(header).RightAligned());
        // Names are text and not the table's markup.
        foreach (var contract in file.Contracts)
            table.AddRow([.. CellsOf(contract).Select(static cell => new Text(cell))]);
        table.AddRow([.. Total().Select(static cell => new Text(cell))]);
        PlainConsole.Over(Output).Write(table);
    }

    protected override void WriteMarkdown()
    {
        Output.Write("### Token budget contracts\n\n");
        Output.Write($"| {string.Join(" | ", Headers)} |\n|---|---|{string.Concat(Enumerable.Repeat("--:|", Headers.Length - 2))}\n");
        foreach (var contract in file.Contracts)
            if (CellsOf(contract) is [var method, var model, .. var numbers])
                Output.Write($"| {ContractText.Code(method)} | {(model.Length == 0 ? "" : ContractText.Code(model))} | {string.Join(" | ", numbers)} |\n");
        Output.Write($"| {string.Join(" | ", Total().Select(static cell => cell.Length == 0 ? "" : $"**{cell}**"))} |\n");
    }

    protected override void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartArray("methods");
        foreach (var contract in file.Contracts)
        {
            json.WriteStartObject();
            json.WriteString("assembly", contract.Assembly);
            json.WriteString("method", contract.Method);
            json.WritePropertyName("contract");
            json.WriteRawValue(contract.Json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    protected override IEnumerable<SarifResult> Results() => file.Contracts.Select(Result);

    private SarifResult Result(Contract contract) => new(
        SarifRule.Contract,
        $"{_names[contract]}: at most {ContractDollars.Text(contract.Facts.CeilingUsd)} a call, {ContractText.Count(FixedTokens(contract))} fixed tokens, "
            + $"{ContractText.Count(contract.Facts.Number("inputTokens"))} in and {ContractText.Count(contract.Facts.Number("outputTokens"))} out.",
        contract.Method,
        file.Path,
        contract.Line,
        contract.Key);

    private string[] CellsOf(Contract contract) =>
    [
        _names[contract],
        contract.Facts.Values.GetValueOrDefault("model", ""),
        ContractText.Count(FixedTokens(contract)),
        ContractText.Count(contract.Facts.Number("inputTokens")),
        ContractText.Count(contract.Facts.Number("outputTokens")),
        ContractText.Count(contract.Facts.Number("rounds") * contract.Facts.Number("attempts")),
        contract.Facts.CeilingUsd is null ? ContractText.Dollars(null) : ContractDollars.Text(contract.Facts.CeilingUsd),
        ContractText.Dollars(contract.FixedOf1000),
        ContractText.Dollars(contract.CeilingOf1000),
    ];

    private string[] Total() =>
    [
        "each of them", "", "", "", "", "", "",
        ContractText.Dollars(ContractText.Sum(file.Contracts.Select(static contract => contract.FixedOf1000))),
        ContractText.Dollars(ContractText.Sum(file.Contracts.Select(static contract => contract.CeilingOf1000))),
    ];

    private static decimal FixedTokens(Contract contract) =>
        contract.Facts.Values.Keys.Where(static name => name.StartsWith("fixedTokens.", StringComparison.Ordinal)).Sum(name => contract.Facts.Number(name) ?? 0);
}
