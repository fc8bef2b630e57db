using System.CommandLine;
using TokenBudget.Cli.Contracts;

namespace TokenBudget.Cli.Commands;

/// <summary><c>--format</c> of the commands that print contracts.</summary>
internal static class ContractFormatOption
{
    public static Option<ContractFormat[]> Create(string description) => ChoiceOption.Create("--format", description, ContractFormat.Table);

    /// <summary>The one that was chosen.</summary>
    /// <exception cref="CliException">Several were.</exception>
    public static ContractFormat Of(ParseResult parsed, Option<ContractFormat[]> option) =>
        parsed.GetRequiredValue(option) is [var format] ? format : throw new CliException("--format is one of table, json, markdown and sarif.");
}
