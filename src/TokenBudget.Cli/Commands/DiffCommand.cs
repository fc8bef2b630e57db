using System.CommandLine;
using TokenBudget.Cli.Contracts;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget diff OLD NEW</c>: what a change of contracts costs.</summary>
internal static class DiffCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var old = new Argument<string>("OLD") { Description = "An assembly or a lock file; - is a lock file from standard input. Beside an assembly, only its own lines of a lock file count." };
        var @new = new Argument<string>("NEW") { Description = "The same of what it became." };
        var format = ContractFormatOption.Create("table, json, markdown (for a pull request) or sarif (for code scanning). table unless told.");
        var failOn = ChoiceOption.Create(
            "--fail-on", $"Exit with {ExitCodes.Different} when the ceiling of a method rose, on any change, or on nothing. rise unless told.", FailOn.Rise);
        var command = new Command("diff", "Says which contracts of agents changed, and what that costs per 1,000 calls.") { old, @new, format, failOn };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (first, second) = (
                await ContractReader.ReadAsync(parsed.GetRequiredValue(old), environment, cancellationToken),
                await ContractReader.ReadAsync(parsed.GetRequiredValue(@new), environment, cancellationToken));
            var (before, after) = (first.Beside(second), second.Beside(first));
            var comparison = new ContractComparison(before.Contracts, after.Contracts);
            new ContractDiffReport(before, after, comparison, environment.Out).Write(ContractFormatOption.Of(parsed, format));
            await environment.Out.FlushAsync(cancellationToken);
            var fails = parsed.GetRequiredValue(failOn).Any(on => on switch
            {
                FailOn.Rise => comparison.HasRisen,
                FailOn.Change => comparison.Differences.Count > 0,
                _ => false,
            });
            return fails ? ExitCodes.Different : ExitCodes.Ok;
        });
        return command;
    }
}
