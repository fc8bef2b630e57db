using System.Globalization;
using System.Text;

namespace TokenBudget.Generators.Contracts.Locking;

/// <summary>Writes a contract as JSON on one line.</summary>
internal sealed class ContractJson
{
    private readonly StringBuilder _text = new("{");

    /// <summary>A fact that is a number; an unknown one is null.</summary>
    public void Add(string name, decimal? value)
    {
        Name(name);
        _text.Append(value is { } number ? number.ToString("0.############################", CultureInfo.InvariantCulture) : "null");
    }

    /// <summary>A fact that is a text; none where it is null.</summary>
    public void Add(string name, string? value)
    {
        if (value is null)
            return;
        Name(name);
        _text.Append(Quote(value));
    }

    /// <summary>A fact that is true.</summary>
    public void AddFlag(string name)
    {
        Name(name);
        _text.Append("true");
    }

    /// <summary>A fact that is a list of texts.</summary>
    public void Add(string name, IEnumerable<string> values)
    {
        Name(name);
        _text.Append('[').Append(string.Join(",", values.Select(Quote))).Append(']');
    }

    /// <summary>Facts under a common name; nothing where there are none.</summary>
    public void Add(string name, Action<ContractJson> facts)
    {
        var group = new ContractJson();
        facts(group);
        if (group._text.Length == 1)
            return;
        Name(name);
        _text.Append(group);
    }

    public override string ToString() => _text + "}";

    /// <summary>A text as JSON has it. What an editor or a checkout might change or break a line at is escaped.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            if (character is '"' or '\\')
                quoted.Append('\\').Append(character);
            else if (char.IsControl(character) || char.IsSurrogate(character) || character is '\u2028' or '\u2029' or '\uFEFF')
                quoted.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
            else
                quoted.Append(character);
        }

        return quoted.Append('"').ToString();
    }

    private void Name(string name)
    {
        if (_text.Length > 1)
            _text.Append(',');
        _text.Append(Quote(name)).Append(':');
    }
}
