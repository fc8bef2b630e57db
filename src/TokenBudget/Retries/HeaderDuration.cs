using System.Buffers;
using System.Globalization;

namespace TokenBudget.Retries;

/// <summary>The ways in which providers write a span of time into a header. What is none of them is junk, and junk says nothing.</summary>
internal static class HeaderDuration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    // Far beyond any real wait and far below the end of TimeSpan.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    /// <summary>A number of units, whole or decimal, not negative: <c>0</c>, <c>20</c>, <c>0.25</c>.</summary>
    public static TimeSpan? Number(ReadOnlySpan<char> text, TimeSpan unit)
    {
        text = text.Trim();
        // The parser would take "Infinity" and "NaN" for numbers.
        if (text.IsEmpty || text.ContainsAnyExcept(Digits) || !double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return null;
        // Rounded up: waiting a tick too short would be too early.
        var ticks = Math.Ceiling(number * unit.Ticks);
        return ticks >= Longest.Ticks ? Longest : TimeSpan.FromTicks((long)ticks);
    }

    /// <summary>A duration as the Go language writes it: <c>6m0s</c>, <c>12ms</c>, <c>1h2m3.5s</c>, <c>0</c>.</summary>
    public static TimeSpan? Go(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text is "0")
            return TimeSpan.Zero;
        if (text.IsEmpty)
            return null;

        var total = TimeSpan.Zero;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(Digits);
            if (digits <= 0)
                return null;
            var rest = text[digits..];
            var letters = rest.IndexOfAny(Digits);
            var name = letters < 0 ? rest : rest[..letters];
            if (UnitOf(name) is not { } unit || Number(text[..digits], unit) is not { } part)
                return null;
            total = part >= Longest - total ? Longest : total + part;
            text = rest[name.Length..];
        }

        return total;
    }

    private static TimeSpan? UnitOf(ReadOnlySpan<char> name) => name switch
    {
        "h" => TimeSpan.FromHours(1),
        "m" => TimeSpan.FromMinutes(1),
        "s" => TimeSpan.FromSeconds(1),
        "ms" => TimeSpan.FromMilliseconds(1),
        "us" or "\u00b5s" or "\u03bcs" => TimeSpan.FromMicroseconds(1),
        // A hundredth of a tick: less than the clock can tell.
        "ns" => TimeSpan.FromTicks(1),
        _ => null,
    };
}
