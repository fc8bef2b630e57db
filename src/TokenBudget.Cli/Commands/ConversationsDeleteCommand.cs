using System.CommandLine;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget conversations delete STORE ID</c>.</summary>
internal static class ConversationsDeleteCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var file = StoreName.ChangedArgument();
        var id = StoreName.Conversation();
        var command = new Command("delete", "Removes a conversation with its summaries, and overwrites its bytes in a file.") { file, id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (path, conversation) = (parsed.GetRequiredValue(file), parsed.GetRequiredValue(id));
            await using var store = await StoreName.ChangeAsync(path, cancellationToken);
            if (!await store.Conversations.DeleteAsync(conversation, cancellationToken))
                throw StoreName.NoConversation(path, conversation);
            await environment.Out.WriteLineAsync($"Removed '{conversation}'.");
            return ExitCodes.Ok;
        });
        return command;
    }
}
