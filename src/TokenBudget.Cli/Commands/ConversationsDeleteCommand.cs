using System.CommandLine;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget conversations delete FILE ID</c>.</summary>
internal static class ConversationsDeleteCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var file = StoreFile.Argument("No agent may have it open.");
        var id = StoreFile.Conversation();
        var command = new Command("delete", "Removes a conversation with its summaries, and overwrites its bytes in the file.") { file, id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (path, conversation) = (parsed.GetRequiredValue(file), parsed.GetRequiredValue(id));
            await using var store = await StoreFile.ChangeAsync(path, cancellationToken);
            if (!await store.DeleteAsync(conversation, cancellationToken))
                throw StoreFile.NoConversation(path, conversation);
            await environment.Out.WriteLineAsync($"Removed '{conversation}'.");
            return ExitCodes.Ok;
        });
        return command;
    }
}
