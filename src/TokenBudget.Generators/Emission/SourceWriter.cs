using System.Text;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes indented lines. Newlines are <c>\n</c> on every system, so that the output is the same everywhere.</summary>
internal sealed class SourceWriter
{
    private const int Indentation = 4;

    private readonly StringBuilder _text = new();
    private int _depth;

    public void Line(string line = "")
    {
        if (line.Length > 0)
            _text.Append(' ', _depth * Indentation).Append(line);
        _text.Append('\n');
    }

    /// <summary>A line and an opening brace.</summary>
    public void Open(string line)
    {
        Line(line);
        Indent("{");
    }

    /// <summary>A line that what follows is indented under, to be closed by <see cref="Close"/>.</summary>
    public void Indent(string line)
    {
        Line(line);
        _depth++;
    }

    /// <summary>The closing brace of <see cref="Open"/>.</summary>
    /// <param name="after">What follows the brace.</param>
    public void Close(string after = "")
    {
        _depth--;
        Line("}" + after);
    }

    public override string ToString() => _text.ToString();
}
