using System.CommandLine;
using System.Globalization;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget conversations summaries STORE ID</c>: the course of a conversation without its messages.</summary>
internal static class ConversationsSummariesCommand
{
    public static Command Create(CliEnvironment environment)
    {
        var file = StoreName.Argument();
        var id = StoreName.Conversation();
        var command = new Command("summaries", "Writes the summaries of a conversation, oldest first.") { file, id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var store = await StoreName.OpenAsync(parsed.GetRequiredValue(file), cancellationToken);
            foreach (var summary in await store.Conversations.ReadSummariesAsync(parsed.GetRequiredValue(id), cancellationToken))
            {
                await environment.Out.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Messages 0 to {summary.ThroughSequence}, {summary.Tokens:N0} tokens, {summary.CreatedAt:yyyy-MM-dd HH:mm} UTC\n{summary.Text}\n"));
            }

            await environment.Out.FlushAsync(cancellationToken);
            return ExitCodes.Ok;
        });
        return command;
    }
}
