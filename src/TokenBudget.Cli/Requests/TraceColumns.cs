namespace TokenBudget.Cli.Requests;

/// <summary>Where the three columns of a trace lie in a row. Fields are not quoted: the columns of a trace are numbers.</summary>
internal sealed class TraceColumns
{
    private readonly int[] _wanted;
    private readonly Range[] _fields;

    private TraceColumns(int[] wanted, int count)
    {
        _wanted = wanted;
        _fields = new Range[count + 1];
    }

    /// <summary>How many columns the header has.</summary>
    public int Count => _fields.Length - 1;

    /// <summary>Finds the columns by their names, in upper or lower case.</summary>
    public static TraceColumns Find(string header, string first, string second, string third, Func<string, Exception> bad)
    {
        var names = header.Split(',', StringSplitOptions.TrimEntries);
        return new TraceColumns([.. new[] { first, second, third }.Select(IndexOf)], names.Length);

        int IndexOf(string wanted)
        {
            var index = Array.FindIndex(names, name => string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase));
            return index >= 0 ? index : throw bad($"the header has no column '{wanted}'; a trace needs {first}, {second} and {third}");
        }
    }

    /// <summary>Takes a row apart; false if it has more or fewer fields than the header.</summary>
    public bool TrySplit(ReadOnlySpan<char> row) => row.Split(_fields, ',') == Count;

    public ReadOnlySpan<char> First(string row) => Field(row, 0);

    public ReadOnlySpan<char> Second(string row) => Field(row, 1);

    public ReadOnlySpan<char> Third(string row) => Field(row, 2);

    private ReadOnlySpan<char> Field(string row, int wanted) => row.AsSpan(_fields[_wanted[wanted]]);
}
