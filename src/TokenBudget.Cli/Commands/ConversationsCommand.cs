using System.CommandLine;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget conversations</c>: what a store keeps of conversations.</summary>
internal static class ConversationsCommand
{
    public static Command Create(CliEnvironment environment) => new("conversations", "Exports, removes and forgets stored conversations.")
    {
        ConversationsExportCommand.Create(environment),
        ConversationsSummariesCommand.Create(environment),
        ConversationsDeleteCommand.Create(environment),
        ConversationsForgetCommand.Create(environment),
    };
}
