using System.Globalization;
using System.Text;

namespace TokenBudget.Generators.Schemas;

/// <summary>Writes JSON values. The compiler loads this assembly without a JSON library.</summary>
internal static class JsonText
{
    public static StringBuilder AppendJson(this StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var character in text)
        {
            switch (character)
            {
                case '"':
                    json.Append("\\\"");
                    break;
                case '\\':
                    json.Append(@"\\");
                    break;
                case '\n':
                    json.Append(@"\n");
                    break;
                default:
                    // Also what ends a line in C#: the text becomes a literal of one line.
                    if (character < ' ' || char.IsSurrogate(character) || character is '\u0085' or '\u2028' or '\u2029')
                        json.Append(@"\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
                    else
                        json.Append(character);
                    break;
            }
        }

        return json.Append('"');
    }

    /// <summary>A constant of the code, such as a default value; null for one JSON cannot hold.</summary>
    public static string? Of(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => new StringBuilder().AppendJson(text).ToString(),
        char character => new StringBuilder().AppendJson(character.ToString()).ToString(),
        float number when float.IsNaN(number) || float.IsInfinity(number) => null,
        double number when double.IsNaN(number) || double.IsInfinity(number) => null,
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };
}
