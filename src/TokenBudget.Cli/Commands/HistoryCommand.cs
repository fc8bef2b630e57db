using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using TokenBudget.Conversations;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget history STORE ID</c>: the messages of a conversation, as they are stored.</summary>
internal static class HistoryCommand
{
    private static readonly string[] Headers = ["sequence", "role", "tokens", "text"];

    public static Command Create(CliEnvironment environment)
    {
        var store = StoreName.Argument();
        var id = StoreFile.Conversation();
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var csv = new Option<bool>("--csv") { Description = "Comma-separated values, safe to open in a spreadsheet." };
        var command = new Command("history", "Writes the messages of a conversation, oldest first. 'conversations export' writes everything that is in them.") { store, id, json, csv };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, conversation) = (parsed.GetRequiredValue(store), parsed.GetRequiredValue(id));
            await using var open = await StoreName.OpenAsync(name, cancellationToken);
            var rows = open.Conversations.ReadHistoryAsync(conversation, cancellationToken).Select((message, sequence) => FieldsOf(message, sequence));
            var count = parsed.GetValue(json) ? await WriteJsonAsync(rows, environment.Out)
                : parsed.GetValue(csv) ? await WriteCsvAsync(rows, environment.Out)
                : await WriteTableAsync(rows, environment.Out);
            await environment.Out.FlushAsync(cancellationToken);
            return count > 0 ? ExitCodes.Ok : throw StoreFile.NoConversation(name, conversation);
        });
        return command;
    }

    private static string[] FieldsOf(CountedMessage message, int sequence) =>
    [
        sequence.ToString(CultureInfo.InvariantCulture),
        message.Message.Role.Value,
        message.Tokens.ToString(CultureInfo.InvariantCulture),
        message.Message.Text,
    ];

    private static async Task<int> WriteTableAsync(IAsyncEnumerable<string[]> rows, TextWriter output)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var header in Headers)
            table.AddColumn(header);
        var count = 0;
        await foreach (var row in rows)
        {
            count++;
            // What people wrote is text and not the table's markup.
            table.AddRow([.. row.Select(static cell => new Text(cell))]);
        }

        if (count > 0)
            PlainConsole.Over(output).Write(table);
        return count;
    }

    private static async Task<int> WriteCsvAsync(IAsyncEnumerable<string[]> rows, TextWriter output)
    {
        var csv = new CsvWriter(output);
        var count = 0;
        await foreach (var row in rows)
        {
            if (count++ == 0)
                csv.WriteRow(Headers);
            csv.WriteRow(row);
        }

        return count;
    }

    private static async Task<int> WriteJsonAsync(IAsyncEnumerable<string[]> rows, TextWriter output)
    {
        var count = 0;
        await foreach (var row in rows)
        {
            count++;
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteNumber("sequence", int.Parse(row[0], CultureInfo.InvariantCulture));
                json.WriteString("role", row[1]);
                json.WriteNumber("tokens", int.Parse(row[2], CultureInfo.InvariantCulture));
                json.WriteString("text", row[3]);
                json.WriteEndObject();
            }

            await output.WriteLineAsync(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        }

        return count;
    }
}
