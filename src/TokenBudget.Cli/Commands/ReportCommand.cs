using System.CommandLine;
using TokenBudget.Cli.Contracts;
using TokenBudget.Costs;

namespace TokenBudget.Cli.Commands;

/// <summary>
/// <c>tokenbudget report STORE --by day,model</c>: what the ledger of a store says was spent. Of an assembly or a lock file, what the methods of its agents may spend.
/// </summary>
internal static class ReportCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var store = StoreName.Argument();
        store.Description = $"An assembly (.dll) or a lock file; or a store. {store.Description}";
        var by = ChoiceOption.Create("--by", "A line for each of these: one or several with commas between. Left out: day and model.", ReportPart.Day, ReportPart.Model);
        var filter = new LedgerFilter();
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var csv = new Option<bool>("--csv") { Description = "Comma-separated values, safe to open in a spreadsheet." };
        var format = ContractFormatOption.Create("Of an assembly or a lock file: table, json, markdown or sarif. table unless told.");
        var command = new Command("report", "Reports what was spent, and what cached answers avoided; of an assembly or a lock file, what each method may spend.") { store, by, json, csv, format };
        command.Aliases.Add("costs");
        filter.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(store);
            if (ContractReader.Holds(name))
            {
                Refuse(parsed, command.Options.Where(option => option != format), name, "contracts");
                new ContractReport(await ContractReader.ReadAsync(name, environment, cancellationToken), environment.Out).Write(ContractFormatOption.Of(parsed, format));
                await environment.Out.FlushAsync(cancellationToken);
                return ExitCodes.Ok;
            }

            Refuse(parsed, [format], name, "a ledger");
            var parts = parsed.GetRequiredValue(by);
            await using var open = await StoreName.OpenAsync(name, cancellationToken);
            var totals = await open.Ledger.TotalAsync(
                filter.Of(parsed), parts.Aggregate(LedgerGrouping.None, static (by, part) => by | (LedgerGrouping)part), cancellationToken);
            var report = new SpendingReport(parts, environment.Out);
            if (parsed.GetValue(json))
                await report.WriteJsonAsync(totals);
            else if (parsed.GetValue(csv))
                await report.WriteCsvAsync(totals);
            else
                report.WriteTable(totals);
            await environment.Out.FlushAsync(cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>An option that means nothing for what is reported is told, and not passed over.</summary>
    private static void Refuse(ParseResult parsed, IEnumerable<Option> options, string name, string what)
    {
        foreach (var option in options)
            if (parsed.GetResult(option) is { Implicit: false })
                throw new CliException($"{option.Name} is not for what is in '{name}': {what}.");
    }
}
