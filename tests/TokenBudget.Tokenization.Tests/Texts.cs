using System.Globalization;
using System.Text;

namespace TokenBudget.Tokenization.Tests;

/// <summary>Seeded random strings that look for trouble: every kind of character next to every other.</summary>
internal static class Texts
{
    private static readonly string[] Fragments =
    [
        " ", "  ", "   ", "\t", "\n", "\r", "\r\n", "\n\n", " \n", "\n ", "\u00A0", "\u0085", "\u2028", "\u3000", "\u200B",
        "'s", "'S", "'t", "'RE", "'ve", "'lL", "'m", "'D", "'\u017F", "\u2019s", "'", "''", "'r", "'l", "'x",
        "1", "42", "123", "2026", "3.14", "\u0663\u0664", "\u00B2", "\u2167", "\U0001D7D9", "1,000",
        "a", "A", "the", "The", "HTTP", "Server", "camelCase", "iOS", "I", "\u00E9", "\u00C9t\u00E9", "\u01C5", "\u02B0", "\u00AA", "\u1E9E",
        "\u0301", "\u0903", "\u20DD", "\uFE0F", "\u200D", "e\u0301", "\U0001E8D0",
        "\u4E2D\u6587", "\u65E5\u672C\u8A9E\u3067\u3059", "\u041F\u0440\u0438\u0432\u0435\u0442", "\u0645\u0631\u062D\u0628\u0627", "\uD55C\uAD6D\uC5B4",
        "\u0E2A\u0E27\u0E31\u0E2A", "\u0928\u092E\u0938\u094D\u0924\u0947", "\u0393\u03B5\u03B9\u03AC", "\u10D2\u10D0",
        "\U0001D407\U0001D41E", "\U00010400\U00010428", "\U00020000", "\U00013000", "\U0001F600", "\U0001F468\u200D\U0001F469", "\U0001F1FA\U0001F1F8",
        "\uD800", "\uDC00", "\uDBFF", "\uDFFF", "\uD83D", "\uFFFD", "\uFFFF", "\0", "\u001B",
        "!", "?", ".", "...", "/", "//", "\\", "-", "--", "_", "#", "@", "(", ")", "{\"", "\":", "[]", "<|endoftext|>", "<|im_start|>", "=>", "\u2026", "\u20AC",
    ];

    public static IEnumerable<string> Random(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
            yield return (i % 8) switch
            {
                0 => Mixture(random, random.Next(1, 6)),
                1 => Mixture(random, random.Next(1, 40)),
                2 => CodePoints(random, random.Next(1, 30)),
                3 => Run(random) + Mixture(random, random.Next(0, 3)),
                4 => Units(random, random.Next(1, 20)),
                5 => Ascii(random),
                6 => Ascii(random) + Mixture(random, random.Next(0, 3)) + Ascii(random),
                _ => CaseShape(random),
            };
    }

    /// <summary>A text as a failure message can show it.</summary>
    public static string Show(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var unit in text)
            _ = unit is >= ' ' and < '\x7F' ? shown.Append(unit) : shown.Append("\\u").Append(((int)unit).ToString("X4", CultureInfo.InvariantCulture));
        return shown.Append('"').ToString();
    }

    private static string Mixture(Random random, int fragments)
    {
        var text = new StringBuilder();
        for (var i = 0; i < fragments; i++)
            text.Append(Fragments[random.Next(Fragments.Length)]);
        return text.ToString();
    }

    private static string CodePoints(Random random, int count)
    {
        // Scripts lie together, so a few neighbours of one code point, then another.
        var text = new StringBuilder();
        var centre = 0;
        for (var i = 0; i < count; i++)
        {
            if (i % 4 == 0)
                centre = random.Next(random.Next(4) == 0 ? 0x20000 : 0x3000);
            var codePoint = Math.Clamp(centre + random.Next(-20, 20), 0, 0x10FFFF);
            if (random.Next(5) == 0)
                text.Append(' ');
            if (codePoint is >= 0xD800 and <= 0xDFFF)
                text.Append((char)codePoint);
            else
                text.Append(char.ConvertFromUtf32(codePoint));
        }

        return text.ToString();
    }

    private static string Units(Random random, int count) =>
        string.Concat(Enumerable.Range(0, count).Select(_ => (char)(random.Next(3) == 0 ? random.Next(0xD800, 0xE000) : random.Next(0x10000))));

    private static string CaseShape(Random random)
    {
        const string shapes = "aAbBzZ'\u0301\u02B0\u05D0\u01C5sStT \u017F/1\n";
        return string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => shapes[random.Next(shapes.Length)]));
    }

    /// <summary>Up to a few hundred ASCII characters, few enough kinds at a time that every neighbourhood comes up, in words of real length.</summary>
    private static string Ascii(Random random)
    {
        const string kinds = "aabcAB 0149''stredvmlLSTRE  \t\n\r//.-({\0\u007F";
        var text = new StringBuilder();
        var few = string.Concat(Enumerable.Range(0, random.Next(2, 12)).Select(_ => kinds[random.Next(kinds.Length)]));
        for (var length = random.Next(1, random.Next(2, 300)); text.Length < length;)
        {
            var unit = few[random.Next(few.Length)];
            text.Append(unit, random.Next(4) == 0 ? random.Next(1, 20) : 1);
        }

        return text.ToString();
    }

    private static string Run(Random random)
    {
        var unit = Fragments[random.Next(Fragments.Length)];
        return string.Concat(Enumerable.Repeat(unit, random.Next(1, random.Next(1, 200))));
    }
}
