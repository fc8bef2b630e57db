using System.CommandLine;
using TokenBudget.Conversations;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget conversations export STORE ID</c>: everything that is kept of a conversation.</summary>
internal static class ConversationsExportCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var file = StoreName.Argument();
        var id = StoreName.Conversation();
        var command = new Command("export", "Writes a conversation as JSON lines: every message and every summary.") { file, id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (path, conversation) = (parsed.GetRequiredValue(file), parsed.GetRequiredValue(id));
            await using var store = await StoreName.OpenAsync(path, cancellationToken);
            return await ConversationExport.WriteAsync(store.Conversations, conversation, environment.Out, cancellationToken) > 0
                ? ExitCodes.Ok
                : throw StoreName.NoConversation(path, conversation);
        });
        return command;
    }
}
