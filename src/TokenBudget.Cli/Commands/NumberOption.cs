using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace TokenBudget.Cli.Commands;

/// <summary>Options that are numbers, whose errors name the value and what it has to be.</summary>
internal static class NumberOption
{
    /// <summary>A whole number of at least one.</summary>
    public static Option<long?> Count(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Parse<long>(result.Tokens[0].Value, NumberStyles.None, static value => value >= 1, name, "a whole number of at least 1", result.AddError),
    };

    /// <summary>A number above zero, or of at least zero.</summary>
    public static Option<double?> Amount(string name, string description, string helpName, bool mayBeZero = false) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => ParseAmount(result.Tokens[0].Value, name, mayBeZero, result.AddError),
    };

    /// <summary>Several numbers above zero, with commas between.</summary>
    public static Option<double[]> Amounts(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = static _ => [],
        CustomParser = result => [.. result.Tokens.SelectMany(static token => token.Value.Split(',')).Select(text => ParseAmount(text, name, mayBeZero: false, result.AddError)).OfType<double>()],
    };

    private static double? ParseAmount(string text, string name, bool mayBeZero, Action<string> error) =>
        Parse<double>(
            text,
            NumberStyles.AllowDecimalPoint,
            value => double.IsFinite(value) && (mayBeZero ? value >= 0 : value > 0),
            name,
            mayBeZero ? "a number of at least 0, as 0.5" : "a number above 0, as 0.8",
            error);

    private static T? Parse<T>(string text, NumberStyles style, Predicate<T> isRight, string name, string form, Action<string> error)
        where T : struct, INumber<T>
    {
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out var value) && isRight(value))
            return value;
        error($"{name} is '{text}', but must be {form}.");
        return null;
    }
}
