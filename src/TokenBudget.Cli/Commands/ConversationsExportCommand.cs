using System.CommandLine;
using TokenBudget.Conversations;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget conversations export FILE ID</c>: everything that is kept of a conversation.</summary>
internal static class ConversationsExportCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var file = StoreFile.Argument("It is only read, also while agents write to it.");
        var id = StoreFile.Conversation();
        var command = new Command("export", "Writes a conversation as JSON lines: every message and every summary.") { file, id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (path, conversation) = (parsed.GetRequiredValue(file), parsed.GetRequiredValue(id));
            await using var store = await StoreFile.ReadAsync(path, cancellationToken);
            return await ConversationExport.WriteAsync(store, conversation, environment.Out, cancellationToken) > 0
                ? ExitCodes.Ok
                : throw StoreFile.NoConversation(path, conversation);
        });
        return command;
    }
}
