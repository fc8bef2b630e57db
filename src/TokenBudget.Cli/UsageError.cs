using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

namespace TokenBudget.Cli;

/// <summary>What is wrong with a command line, in one line that names the value and the way out; the parser's own errors would fill a screen with the whole help.</summary>
internal static class UsageError
{
    /// <summary>The line, or <see langword="null"/> when the command can run.</summary>
    public static string? Of(ParseResult parsed)
    {
        if (parsed.Action is HelpAction)
            return null;
        var message = UnknownOption(parsed) ?? Unmatched(parsed) ?? parsed.Errors.Select(static error => Describe(error)).FirstOrDefault();
        return message is null ? null : $"{message} '{PathOf(parsed.CommandResult)} --help' tells more.";
    }

    /// <summary>
    /// What begins with a dash is an option somebody misspelled, whatever the parser took it for: a file of that name is written ./--name, and what follows a -- is meant as it stands.
    /// </summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        var literal = parsed.Tokens.SkipWhile(static token => token.Type != TokenType.DoubleDash).Select(static token => token.Value).ToHashSet(StringComparer.Ordinal);
        var taken = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(static argument => argument.Tokens.Select(token => (token.Value, argument.Argument.Name)));
        var unmatched = parsed.UnmatchedTokens.Select(static value => (Value: value, Name: ""));
        foreach (var (value, argument) in taken.Concat(unmatched))
            if (value.Length > 1 && value[0] == '-' && !literal.Contains(value))
                return argument is "" or "ID" ? $"There is no option '{value}'." : $"There is no option '{value}'. If it is a file, write ./{value}.";
        return null;
    }

    private static string? Unmatched(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not [var first, ..])
            return null;
        var commands = parsed.CommandResult.Command.Subcommands;
        return commands.Count > 0 ? $"There is no command '{first}'. {Commands(commands)}" : $"'{first}' is one argument too many.";
    }

    private static string Describe(ParseError error) => error.SymbolResult switch
    {
        CommandResult { Command.Subcommands: { Count: > 0 } commands } => $"No command was given. {Commands(commands)}",
        // A required option that is not there is reported at the command.
        CommandResult command => MissingPart(command) ?? OneLine(error.Message),
        ArgumentResult { Tokens.Count: 0, Parent: CommandResult } argument => $"{argument.Argument.Name} is missing.",
        ArgumentResult { Parent: OptionResult option } => Describe(option, error),
        OptionResult option => Describe(option, error),
        _ => OneLine(error.Message),
    };

    private static string Describe(OptionResult option, ParseError error)
    {
        var name = option.Option.Name;
        if (option.Tokens.Count == 0)
            return option.Implicit ? $"{name} is missing." : $"{name} needs a value.";
        if (option.Tokens.Count > option.Option.Arity.MaximumNumberOfValues)
            return $"{name} is given more than once, the last time as '{option.Tokens[^1].Value}'.";
        var type = Nullable.GetUnderlyingType(option.Option.ValueType) ?? option.Option.ValueType;
        return type.IsPrimitive && error.Message.Contains(type.FullName!, StringComparison.Ordinal)
            ? $"{name} is '{option.Tokens[0].Value}', but must be a {(type == typeof(double) ? "number" : "whole number")}."
            : OneLine(error.Message);
    }

    private static string? MissingPart(CommandResult command)
    {
        foreach (var argument in command.Command.Arguments)
            if (argument.Arity.MinimumNumberOfValues > 0 && command.GetResult(argument) is null or { Tokens.Count: 0 })
                return $"{argument.Name} is missing.";
        foreach (var option in command.Command.Options)
            if (option.Required && command.GetResult(option) is null)
                return $"{option.Name} is missing.";
        return null;
    }

    private static string Commands(IEnumerable<Command> commands) => $"There are {string.Join(", ", commands.Select(static command => command.Name))}.";

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : command.Command.Name;

    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
