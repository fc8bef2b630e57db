using System.CommandLine;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget models</c>: the catalogue.</summary>
internal static class ModelsCommand
{
    public static Command Create(CliEnvironment environment) => new("models", "The catalogue of context sizes and prices.")
    {
        ModelsImportCommand.Create(environment),
        ModelsShowCommand.Create(environment),
    };
}
