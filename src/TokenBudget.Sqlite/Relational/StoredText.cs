using System.Globalization;
using System.Text;

namespace TokenBudget.Relational;

/// <summary>
/// Ids and names as databases can keep them. SQL text has no unpaired surrogates and, in PostgreSQL, no NUL: without this two ids
/// could become one, or a line of the ledger be refused for a strange tenant. A backslash is doubled; what text cannot hold is <c>\uXXXX</c>.
/// </summary>
internal static class StoredText
{
    public static string Escape(string text)
    {
        if (!NeedsEscape(text))
            return text;

        var escaped = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                escaped.Append(text[i]).Append(text[++i]);
            else if (text[i] == '\0' || char.IsSurrogate(text[i]))
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:X4}");
            else if (text[i] == '\\')
                escaped.Append(@"\\");
            else
                escaped.Append(text[i]);
        }

        return escaped.ToString();
    }

    /// <exception cref="FormatException">It was never escaped.</exception>
    public static string Unescape(string escaped) => TryUnescape(escaped) ?? throw new FormatException("Stored text has a backslash that means nothing.");

    /// <summary>The text; <see langword="null"/> when it was never escaped.</summary>
    public static string? TryUnescape(string escaped)
    {
        if (!escaped.Contains('\\', StringComparison.Ordinal))
            return escaped;

        var text = new StringBuilder(escaped.Length);
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '\\')
                text.Append(escaped[i]);
            else if (++i < escaped.Length && escaped[i] == '\\')
                text.Append('\\');
            else if (i + 4 < escaped.Length && escaped[i] == 'u' && ushort.TryParse(escaped.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var letter))
            {
                text.Append((char)letter);
                i += 4;
            }
            else
            {
                return null;
            }
        }

        return text.ToString();
    }

    private static bool NeedsEscape(string text) => text.AsSpan().IndexOfAny('\0', '\\') >= 0 || text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;
}
