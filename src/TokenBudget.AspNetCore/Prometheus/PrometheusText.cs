using System.Globalization;
using System.Text;

namespace TokenBudget.AspNetCore.Prometheus;

/// <summary>The text format of Prometheus, version 0.0.4.</summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private string? _family;

    /// <summary>Adds one sample; those of a family follow each other.</summary>
    /// <param name="family">The family's name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="help">What it counts, on one line.</param>
    /// <param name="labels">As <see cref="LabelsOf"/> writes them.</param>
    /// <param name="value">The sample.</param>
    /// <param name="suffix">What a histogram's samples add to the name.</param>
    public void Add(string family, string type, string help, string labels, double value, string suffix = "")
    {
        if (_family != family)
        {
            _family = family;
            _text.Append("# HELP ").Append(family).Append(' ').Append(help).Append('\n');
            _text.Append("# TYPE ").Append(family).Append(' ').Append(type).Append('\n');
        }

        _text.Append(family).Append(suffix);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    public override string ToString() => _text.ToString();

    /// <summary>Labels in order of their names, values escaped.</summary>
    public static string LabelsOf(ReadOnlySpan<KeyValuePair<string, string>> pairs)
    {
        var labels = new List<string>(pairs.Length);
        foreach (var (name, value) in pairs)
            labels.Add(Label(name, value));
        labels.Sort(StringComparer.Ordinal);
        return string.Join(',', labels);
    }

    /// <summary>One label.</summary>
    public static string Label(string name, object? value) =>
        $"{Name(name)}=\"{Convert.ToString(value, CultureInfo.InvariantCulture)?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>A name as Prometheus allows it.</summary>
    public static string Name(string name) => string.Create(name.Length, name, static (chars, name) =>
    {
        for (var i = 0; i < chars.Length; i++)
            chars[i] = char.IsAsciiLetterOrDigit(name[i]) ? name[i] : '_';
    });

    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
