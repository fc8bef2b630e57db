using System.CommandLine;
using System.Globalization;

namespace TokenBudget.Cli.Commands;

/// <summary>A day in UTC; unless named otherwise <c>--at DATE</c>, as prices have dates.</summary>
internal static class DateOption
{
    public static Option<DateTimeOffset?> Create(string description, string name = "--at") => new(name)
    {
        Description = description,
        HelpName = "DATE",
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
                return date;
            result.AddError($"{name} is '{text}'; write a date like 2026-09-01.");
            return null;
        },
    };
}
