using System.Globalization;

namespace TokenBudget.Configuration;

/// <summary>Reads typed values by name and collects what is wrong with them.</summary>
internal sealed class SettingReader(Func<string, string?> lookup, string prefix, List<string> errors)
{
    public string? Text(string name) => lookup(name) is { Length: > 0 } text ? text : null;

    public long? Whole(string name, long lowest, long highest)
    {
        if (Text(name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value)
            && value >= lowest && value <= highest)
            return value;
        Complain(name, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from {lowest:N0} to {highest:N0}, written without separators"));
        return null;
    }

    public int? Count(string name, int lowest, int highest) => (int?)Whole(name, lowest, highest);

    public decimal? Dollars(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value)
            && value is > 0 and <= BudgetSettings.HighestLimitUsd)
            return value;
        Complain(name, text, "an amount of US dollars above 0 and up to 1000000, with a point for decimals");
        return null;
    }

    public double? Number(string name, double lowest, double highest)
    {
        if (Text(name) is not { } text)
            return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value)
            && value >= lowest && value <= highest)
            return value;
        Complain(name, text, string.Create(CultureInfo.InvariantCulture, $"a number from {lowest} to {highest}, with a point for decimals"));
        return null;
    }

    /// <summary>A time in seconds, whose name says so.</summary>
    public TimeSpan? Seconds(string name, double lowest, double highest) => Number(name, lowest, highest) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Shares above 0 %, separated by commas.</summary>
    public IReadOnlyList<int>? Percents(string name)
    {
        if (Text(name) is not { } text)
            return null;
        var percents = new List<int>();
        foreach (var part in text.Split(','))
            if (int.TryParse(part, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var percent) && percent is >= 1 and <= 1_000)
                percents.Add(percent);
            else
                Complain(name, text, "whole numbers from 1 to 1000, separated by commas");
        return percents;
    }

    public bool? Flag(string name)
    {
        switch (Text(name)?.Trim().ToLowerInvariant())
        {
            case null:
                return null;
            case "true" or "1" or "yes" or "on":
                return true;
            case "false" or "0" or "no" or "off":
                return false;
            default:
                Complain(name, Text(name)!, "true or false");
                return null;
        }
    }

    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text)
            return null;
        // By name alone: Enum.TryParse would also read numbers, and take a list of names for the value of their sum.
        foreach (var value in Enum.GetValues<T>())
            if (text.AsSpan().Trim().Equals(value.ToString(), StringComparison.OrdinalIgnoreCase))
                return value;
        Complain(name, text, $"one of {string.Join(", ", Enum.GetNames<T>())}");
        return null;
    }

    public void Complain(string name, string value, string allowed) =>
        errors.Add($"{prefix}{name} is '{value}'; allowed is {allowed}.");
}
