using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace TokenBudget.Cli.Commands;

/// <summary>Writes rows: for people, for programs, or for spreadsheets.</summary>
/// <param name="columns">What they have, in order.</param>
/// <param name="output">Where to.</param>
internal sealed class Rows<T>(IReadOnlyList<Column<T>> columns, TextWriter output)
{
    /// <summary>One object a line.</summary>
    public async Task WriteJsonAsync(IAsyncEnumerable<T> rows)
    {
        using var buffer = new MemoryStream();
        await foreach (var row in rows)
        {
            buffer.SetLength(0);
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                foreach (var column in columns)
                    column.WriteTo(json, row);
                json.WriteEndObject();
            }

            await output.WriteLineAsync(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        }
    }

    /// <summary>Comma-separated values, the names first.</summary>
    public async Task WriteCsvAsync(IAsyncEnumerable<T> rows)
    {
        var csv = new CsvWriter(output);
        csv.WriteRow(columns.Select(static column => column.Header));
        await foreach (var row in rows)
            csv.WriteRow(columns.Select(column => column.TextOf(row)));
    }

    public async Task WriteTableAsync(IAsyncEnumerable<T> rows)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column.Header) { Alignment = column.IsNumber ? Justify.Right : Justify.Left });
        // Names are text and not the table's markup.
        await foreach (var row in rows)
            table.AddRow([.. columns.Select(column => new Text(column.TextOf(row)))]);
        PlainConsole.Over(output).Write(table);
    }
}
