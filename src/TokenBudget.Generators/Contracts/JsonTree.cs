using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TokenBudget.Generators.Contracts;

/// <summary>
/// Reads JSON as dictionaries, lists, texts, decimals and booleans. The compiler's host has no JSON library whose version can be relied on, and what is read here, our own
/// catalogue and files in its form, is small.
/// </summary>
internal sealed class JsonTree
{
    private const int MaxDepth = 32;

    private static readonly Regex NumberForm = new(@"\G-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", RegexOptions.CultureInvariant);

    private readonly string _text;
    private int _at;

    private JsonTree(string text) => _text = text;

    /// <summary>The value a text holds.</summary>
    /// <exception cref="JsonTreeException">The text is not JSON.</exception>
    public static object? Read(string text)
    {
        var tree = new JsonTree(text);
        return tree.ToEnd(tree.Value(0));
    }

    /// <summary>The members of the object a text holds, in their order, also those of the same name.</summary>
    /// <exception cref="JsonTreeException">The text is not JSON, or no object.</exception>
    public static IReadOnlyList<JsonMember> ReadMembers(string text)
    {
        var tree = new JsonTree(text);
        tree.SkipSpace();
        return tree._at < text.Length && text[tree._at] == '{' ? tree.ToEnd(tree.Members(0)) : throw tree.Bad();
    }

    private T ToEnd<T>(T value)
    {
        SkipSpace();
        return _at == _text.Length ? value : throw Bad();
    }

    private object? Value(int depth)
    {
        SkipSpace();
        if (depth > MaxDepth || _at == _text.Length)
            throw Bad();
        switch (_text[_at])
        {
            case '{': return Object(depth);
            case '[': return List(depth);
            case '"': return Text();
            case 't': return Word("true", true);
            case 'f': return Word("false", false);
            case 'n': return Word("null", null);
            default: return Number();
        }
    }

    private Dictionary<string, object?> Object(int depth)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var member in Members(depth))
            fields[member.Name] = member.Value;
        return fields;
    }

    private List<JsonMember> Members(int depth)
    {
        var members = new List<JsonMember>();
        _at++;
        while (!Ends('}', members.Count))
        {
            SkipSpace();
            var start = _at;
            var name = Text();
            SkipSpace();
            Expect(':');
            SkipSpace();
            var valueStart = _at;
            members.Add(new JsonMember(name, Value(depth + 1), start, valueStart, _at));
        }

        return members;
    }

    private List<object?> List(int depth)
    {
        var items = new List<object?>();
        _at++;
        while (!Ends(']', items.Count))
            items.Add(Value(depth + 1));
        return items;
    }

    /// <summary>Whether the list or object ends here; if not, steps over the comma in front of its next part.</summary>
    private bool Ends(char end, int parts)
    {
        SkipSpace();
        if (_at < _text.Length && _text[_at] == end)
        {
            _at++;
            return true;
        }

        if (parts > 0)
            Expect(',');
        return false;
    }

    private string Text()
    {
        Expect('"');
        var text = new StringBuilder();
        while (_at < _text.Length && _text[_at] != '"')
        {
            var character = _text[_at++];
            if (character < ' ')
                throw Bad();
            text.Append(character == '\\' ? Escaped() : character);
        }

        Expect('"');
        return text.ToString();
    }

    private char Escaped()
    {
        if (_at == _text.Length)
            throw Bad();
        switch (_text[_at++])
        {
            case '"': return '"';
            case '\\': return '\\';
            case '/': return '/';
            case 'b': return '\b';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'u' when _at + 4 <= _text.Length && ushort.TryParse(_text.Substring(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                _at += 4;
                return (char)code;
            default: throw Bad();
        }
    }

    private object? Word(string word, object? value)
    {
        if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0)
            throw Bad();
        _at += word.Length;
        return value;
    }

    private object Number()
    {
        var form = NumberForm.Match(_text, _at);
        if (!form.Success || !decimal.TryParse(form.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            throw Bad();
        _at += form.Length;
        return number;
    }

    private void Expect(char character)
    {
        if (_at == _text.Length || _text[_at] != character)
            throw Bad();
        _at++;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n')
            _at++;
    }

    private JsonTreeException Bad() => new("This is not JSON.", _at);
}
