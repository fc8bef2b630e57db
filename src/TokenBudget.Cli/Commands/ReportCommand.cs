using System.CommandLine;
using TokenBudget.Costs;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget report FILE --by day,model</c>: what the ledger of a SQLite store says was spent.</summary>
internal static class ReportCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var file = new Argument<string>("FILE") { Description = "A store of TokenBudget.Sqlite. It is only read, also while agents write to it." };
        var by = ChoiceOption.Create("--by", "A line for each of these: one or several with commas between. Left out: day and model.", ReportPart.Day, ReportPart.Model);
        var from = DateOption.Create("The first day (UTC), as yyyy-MM-dd.", "--from");
        var to = DateOption.Create("The last day (UTC), as yyyy-MM-dd.", "--to");
        var agent = Only("agent");
        var model = Only("model");
        var tenant = Only("tenant");
        var budget = Only("budget");
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new Command("report", "Reports what was spent, and what cached answers avoided.") { file, by, from, to, agent, model, tenant, budget, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var query = new LedgerQuery
            {
                From = parsed.GetValue(from),
                Until = parsed.GetValue(to)?.AddDays(1),
                Agent = parsed.GetValue(agent),
                Model = parsed.GetValue(model),
                Tenant = parsed.GetValue(tenant),
                Budget = parsed.GetValue(budget),
            };
            var parts = parsed.GetRequiredValue(by);
            var totals = await TotalsAsync(parsed.GetRequiredValue(file), query, parts, cancellationToken);
            var report = new SpendingReport(parts, environment.Out);
            if (parsed.GetValue(json))
                report.WriteJson(totals);
            else
                report.WriteTable(totals);
            await environment.Out.FlushAsync(cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Option<string?> Only(string part) => new($"--{part}") { Description = $"Only lines of this {part}.", HelpName = "NAME" };

    private static async Task<IReadOnlyList<LedgerTotal>> TotalsAsync(string file, LedgerQuery query, ReportPart[] parts, CancellationToken cancellationToken)
    {
        try
        {
            await using var store = await SqliteStore.OpenReadOnlyAsync(file, cancellationToken);
            return await store.TotalAsync(query, parts.Aggregate(LedgerGrouping.None, static (by, part) => by | (LedgerGrouping)part), cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new CliException(exception.Message);
        }
    }
}
