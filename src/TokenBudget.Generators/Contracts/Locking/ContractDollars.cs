using System.Globalization;

namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>Writes the dollars of a contract for a reader.</summary>
internal static class ContractDollars
{
    /// <summary>An amount, rounded up: what is said is never less than what is meant.</summary>
    public static string Text(decimal? usd) => usd is { } amount ? "$" + Rounded(amount) : "an unknown amount";

    /// <summary>Two amounts, with all their digits where they would look alike.</summary>
    public static (string Before, string After) Texts(decimal? before, decimal? after) =>
        before != after && Text(before) == Text(after) ? ("$" + Exact(before), "$" + Exact(after)) : (Text(before), Text(after));

    private static string Rounded(decimal amount)
    {
        var unit = amount < 0.01m ? 1_000_000m : 10_000m;
        return (Math.Ceiling(amount * unit) / unit).ToString("#,0.00####", CultureInfo.InvariantCulture);
    }

    private static string Exact(decimal? amount) => (amount ?? 0).ToString("#,0.00##########", CultureInfo.InvariantCulture);
}
