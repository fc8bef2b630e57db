using System.CommandLine;
using System.Globalization;

namespace TokenBudget.Cli.Commands;

/// <summary><c>--at DATE</c>: prices have dates.</summary>
internal static class DateOption
{
    public static Option<DateTimeOffset?> Create(string description) => new("--at")
    {
        Description = description,
        HelpName = "DATE",
        CustomParser = static result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
                return date;
            result.AddError($"--at is '{text}'; write a date like 2026-09-01.");
            return null;
        },
    };
}
