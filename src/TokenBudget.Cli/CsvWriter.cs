namespace TokenBudget.Cli;

/// <summary>Writes comma-separated values (RFC 4180) that a spreadsheet shows and does not run.</summary>
/// <param name="output">Where to.</param>
internal sealed class CsvWriter(TextWriter output)
{
    // What begins with one of these is a formula to a spreadsheet. An apostrophe in front makes it text (OWASP, CSV injection).
    private const string Formulas = "=+-@\t\r\n＝＋－＠";

    public void WriteRow(IEnumerable<string> fields)
    {
        var isFirst = true;
        foreach (var field in fields)
        {
            if (!isFirst)
                output.Write(',');
            isFirst = false;
            WriteField(field);
        }

        output.Write("\r\n");
    }

    private void WriteField(string field)
    {
        // Numbers are what they are: a minus in front of a digit begins no formula of anybody else's.
        if (field.Length > 0 && Formulas.Contains(field[0], StringComparison.Ordinal) && !decimal.TryParse(field, System.Globalization.NumberStyles.Number, System.Globalization.CultureInfo.InvariantCulture, out _))
            field = "'" + field;
        output.Write(field.AsSpan().IndexOfAny(",\"\r\n") >= 0 || field.StartsWith('\'') ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field);
    }
}
