using System.Globalization;

namespace TokenBudget.Costs;

/// <summary>
/// The last seal of a ledger at some time: how many there were, and a hash of everything sealed until then. Kept somewhere else, it shows later whether the ledger still begins as it
/// did then.
/// </summary>
/// <param name="Number">Which one it is, from 1.</param>
/// <param name="Hash">SHA-256 in hexadecimal.</param>
public sealed record LedgerSeal(long Number, string Hash)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static LedgerSeal Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(':') is [var first, { Length: 64 } hash]
            && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            && hash.All(char.IsAsciiHexDigit)
            ? new LedgerSeal(number, hash.ToLowerInvariant())
            : throw new FormatException($"'{text}' is no seal of a ledger: that is a number from 1, a colon, and 64 hexadecimal digits.");
    }

    /// <summary>Number and hash with a colon between.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}:{Hash}");
}
