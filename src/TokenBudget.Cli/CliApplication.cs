using System.CommandLine;
using System.CommandLine.Help;
using TokenBudget.Cli.Commands;

namespace TokenBudget.Cli;

/// <summary>The command line: which commands there are, and what becomes of an error none of them handled.</summary>
internal static class CliApplication
{
    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, CliEnvironment environment)
    {
        // Not a RootCommand: that one calls itself after the assembly, and help would name a command nobody can type.
        var root = new Command("tokenbudget", "Counts tokens, knows model prices, replays recorded conversations against a budget, reports what was spent, checks ledgers, keeps the contracts of agents, looks after stored conversations and plays a provider.")
        {
            new HelpOption(),
            new VersionOption(),
            CountCommand.Create(environment),
            ReplayCommand.Create(environment),
            ModelsCommand.Create(environment),
            ReportCommand.Create(environment),
            LockCommand.Create(environment),
            DiffCommand.Create(environment),
            LedgerCommand.Create(environment),
            VerifyCommand.Create(environment),
            HistoryCommand.Create(environment),
            ConversationsCommand.Create(environment),
            SimulateCommand.Create(environment),
        };
        var configuration = new InvocationConfiguration
        {
            Output = environment.Out,
            Error = environment.Error,
            EnableDefaultExceptionHandler = false,
        };
        try
        {
            var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (UsageError.Of(parsed) is not { } error)
                return await parsed.InvokeAsync(configuration, environment.Cancelled);
            await environment.Error.WriteLineAsync(error);
            return ExitCodes.BadInput;
        }
        catch (OperationCanceledException)
        {
            await environment.Error.WriteLineAsync("Cancelled.");
            return ExitCodes.Cancelled;
        }
        catch (Exception exception) when (exception is TokenBudgetException or CliException or FormatException or IOException or UnauthorizedAccessException)
        {
            await environment.Error.WriteLineAsync(exception.Message);
            return ExitCodes.BadInput;
        }
    }
}
