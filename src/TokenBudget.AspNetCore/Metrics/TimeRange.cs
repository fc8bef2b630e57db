using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace TokenBudget.AspNetCore.Metrics;

/// <summary>The span a query asks for: from its first instant, up to but without its last.</summary>
internal readonly record struct TimeRange(DateTimeOffset? From, DateTimeOffset? Until)
{
    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Reads <c>from</c> and <c>until</c>.</summary>
    public static bool TryRead(IQueryCollection query, out TimeRange range, [NotNullWhen(false)] out string? problem)
    {
        range = default;
        problem = QueryNames.Unknown(query, "from", "until");
        if (problem is not null || !TryRead(query, "from", out var from, out problem) || !TryRead(query, "until", out var until, out problem))
            return false;
        if (from >= until)
        {
            problem = "'until' must be later than 'from'.";
            return false;
        }

        range = new TimeRange(from, until);
        return true;
    }

    private static bool TryRead(IQueryCollection query, string name, out DateTimeOffset? instant, [NotNullWhen(false)] out string? problem)
    {
        (instant, problem) = (null, null);
        if (!query.TryGetValue(name, out var values))
            return true;
        if (values.Count == 1
            && DateTimeOffset.TryParseExact(
                values[0], Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var value))
        {
            instant = value;
            return true;
        }

        // The value is not repeated: an answer must not carry what a link put into it.
        problem = $"'{name}' must be one ISO 8601 date or time, for example 2026-03-01 or 2026-03-01T12:30:00Z; without an offset it is UTC, and a '+' is written %2B.";
        return false;
    }
}
