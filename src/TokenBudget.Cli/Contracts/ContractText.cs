using System.Globalization;

namespace TokenBudget.Cli.Contracts;

/// <summary>Numbers and names of contracts for a reader.</summary>
internal static class ContractText
{
    private const string Unknown = "?";

    public static string Dollars(decimal? amount) => amount is { } usd ? usd.ToString("$#,0.00##;-$#,0.00##", CultureInfo.InvariantCulture) : Unknown;

    /// <summary>An amount of before and after, with the difference; nothing but the amount where there is none.</summary>
    public static string Dollars(decimal? before, decimal? after)
    {
        if (before == after)
            return Dollars(after);
        var difference = (after - before) is { } delta ? $" ({(delta > 0 ? "+" : "")}{Dollars(delta)})" : "";
        return $"{Dollars(before)} → {Dollars(after)}{difference}";
    }

    public static string Count(decimal? number) => number is { } count ? count.ToString("#,0", CultureInfo.InvariantCulture) : Unknown;

    /// <summary>The sum of what is known; null where nothing is.</summary>
    public static decimal? Sum(IEnumerable<decimal?> amounts)
    {
        var known = amounts.OfType<decimal>().ToList();
        return known.Count == 0 ? null : known.Sum();
    }

    /// <summary>A text in a cell of a Markdown table, as code: it can neither end the cell nor be markup.</summary>
    public static string Code(string text) => $"`{text.ReplaceLineEndings(" ").Replace('`', '\'').Replace("|", "\\|", StringComparison.Ordinal)}`";
}
