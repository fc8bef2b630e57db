using System.CommandLine;
using System.Globalization;

namespace TokenBudget.Cli.Commands;

/// <summary><c>--characters-per-token N</c>: reckons with a mean length of tokens, as many published figures do.</summary>
internal static class CharactersPerTokenOption
{
    private const double Most = 100;

    public static Option<double?> Create()
    {
        var option = new Option<double?>("--characters-per-token")
        {
            Description = "Count this many characters as a token, to compare with figures that were reckoned so; 3.5 is usual.",
            HelpName = "N",
            CustomParser = static result =>
            {
                var text = result.Tokens[0].Value;
                if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= Most)
                    return value;
                result.AddError(FormattableString.Invariant($"--characters-per-token is {text}, but must be a number above 0 and at most {Most}."));
                return null;
            },
        };
        return option;
    }
}
