using System.CommandLine;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget verify STORE</c>: whether a ledger is as it was written. It is only read.</summary>
internal static class VerifyCommand
{
    private const int MostListed = 20;

    public static Command Create(CliEnvironment environment)
    {
        var store = StoreName.Argument();
        var since = new Option<string?>("--since") { Description = "The seal that an earlier run printed: shows also that all lines were written anew, or an older copy restored.", HelpName = "SEAL" };
        var prices = new Option<bool>("--prices") { Description = "Checks too that each line costs what the catalogue says its usage costs." };
        var catalogue = CatalogueOption.Create();
        var command = new Command("verify", "Checks that no line of a ledger was changed, removed or slipped in.") { store, since, prices, catalogue };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var known = parsed.GetValue(since) is { } text ? LedgerSeal.Parse(text) : null;
            await using var open = await StoreName.OpenAsync(parsed.GetRequiredValue(store), cancellationToken);
            var ledger = open.Ledger as SqliteStore ?? throw new CliException("A ledger in PostgreSQL has no seals: only those in SQLite files can be checked.");
            var isClean = await WriteAsync(await ledger.VerifyLedgerAsync(known, cancellationToken), environment.Out);
            if (parsed.GetValue(prices))
                isClean &= await CheckPricesAsync(ledger, CatalogueOption.Load(parsed.GetValue(catalogue)), environment.Out, cancellationToken);
            return isClean ? ExitCodes.Ok : ExitCodes.NotClean;
        });
        return command;
    }

    private static async Task<bool> WriteAsync(LedgerCheck check, TextWriter output)
    {
        await output.WriteLineAsync(FormattableString.Invariant($"{check.Lines:N0} lines, {check.Unsealed:N0} of them from before lines were sealed, {check.Reserved:N0} of requests under way."));
        foreach (var finding in check.Findings)
            await output.WriteLineAsync(finding);
        await output.WriteLineAsync(check.IsIntact ? "The ledger is as it was written." : "The ledger is NOT as it was written.");
        if (check.Seal is { } seal)
            await output.WriteLineAsync($"Seal {seal} (kept somewhere else, it shows later with --since whether all of this is still there)");
        return check.IsIntact;
    }

    private static async Task<bool> CheckPricesAsync(ILedger ledger, ModelCatalogue catalogue, TextWriter output, CancellationToken cancellationToken)
    {
        var (right, wrong, unknown) = (0L, 0L, 0L);
        await foreach (var line in ledger.ReadAsync(new LedgerQuery(), cancellationToken))
        {
            // The others are no requests, or were charged their worst case.
            if (line.Outcome is not (LedgerOutcome.Completed or LedgerOutcome.Cancelled or LedgerOutcome.Failed))
                continue;
            if (PriceOf(line, catalogue) is not { } price)
                unknown++;
            else if (price == line.Cost)
                right++;
            else if (++wrong <= MostListed)
                await output.WriteLineAsync(FormattableString.Invariant($"{line.At:u} {line.Agent} {line.Model}: {line.Cost}, but by the catalogue {price} ({line.Id})."));
        }

        await output.WriteLineAsync(FormattableString.Invariant($"{right:N0} lines cost what the catalogue says, {wrong:N0} something else, {unknown:N0} are of models without a price."));
        return wrong == 0;
    }

    private static Usd? PriceOf(LedgerEntry line, ModelCatalogue catalogue)
    {
        try
        {
            return catalogue.TryGet(line.Model, out var model) ? CostCalculator.CostOf(model, line.Usage, line.At) : null;
        }
        catch (Exception exception) when (exception is UnknownPriceException or OverflowException)
        {
            return null;
        }
    }
}
