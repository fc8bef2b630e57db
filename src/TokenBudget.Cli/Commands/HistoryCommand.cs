using System.CommandLine;
using TokenBudget.Conversations;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget history STORE ID</c>: the messages of a conversation, as they are stored.</summary>
internal static class HistoryCommand
{
    private static readonly Column<(int Sequence, CountedMessage Message)>[] Columns =
    [
        new("sequence", "sequence", static row => row.Sequence, IsNumber: true),
        new("role", "role", static row => row.Message.Message.Role.Value),
        new("tokens", "tokens", static row => row.Message.Tokens, IsNumber: true),
        new("text", "text", static row => row.Message.Message.Text),
    ];

    public static Command Create(CliEnvironment environment)
    {
        var store = StoreName.Argument();
        var id = StoreName.Conversation();
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var csv = new Option<bool>("--csv") { Description = "Comma-separated values, safe to open in a spreadsheet." };
        var command = new Command("history", "Writes the messages of a conversation, oldest first. 'conversations export' writes everything that is in them.") { store, id, json, csv };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, conversation) = (parsed.GetRequiredValue(store), parsed.GetRequiredValue(id));
            await using var open = await StoreName.OpenAsync(name, cancellationToken);
            var messages = open.Conversations.ReadHistoryAsync(conversation, cancellationToken);
            if (!await messages.AnyAsync(cancellationToken))
                throw StoreName.NoConversation(name, conversation);
            var rows = new Rows<(int Sequence, CountedMessage Message)>(Columns, environment.Out);
            var numbered = messages.Select(static (message, sequence) => (Sequence: sequence, Message: message));
            await (parsed.GetValue(json) ? rows.WriteJsonAsync(numbered) : parsed.GetValue(csv) ? rows.WriteCsvAsync(numbered) : rows.WriteTableAsync(numbered));
            await environment.Out.FlushAsync(cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }
}
