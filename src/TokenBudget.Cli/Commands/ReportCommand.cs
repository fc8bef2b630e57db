using System.CommandLine;
using TokenBudget.Costs;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget report STORE --by day,model</c>: what the ledger of a store says was spent.</summary>
internal static class ReportCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var store = StoreName.Argument();
        var by = ChoiceOption.Create("--by", "A line for each of these: one or several with commas between. Left out: day and model.", ReportPart.Day, ReportPart.Model);
        var filter = new LedgerFilter();
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var csv = new Option<bool>("--csv") { Description = "Comma-separated values, safe to open in a spreadsheet." };
        var command = new Command("report", "Reports what was spent, and what cached answers avoided.") { store, by, json, csv };
        command.Aliases.Add("costs");
        filter.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var parts = parsed.GetRequiredValue(by);
            await using var open = await StoreName.OpenAsync(parsed.GetRequiredValue(store), cancellationToken);
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
}
