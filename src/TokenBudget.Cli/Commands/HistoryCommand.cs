using System.CommandLine;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.Cli.Commands;

/// <summary><c>tokenbudget history STORE [ID]</c>: the messages of a conversation, as they are stored; without an id, which conversations there are.</summary>
internal static class HistoryCommand
{
    // As many as somebody looks through.
    private const int Newest = 50;

    private static readonly Column<(int Sequence, CountedMessage Message)>[] Messages =
    [
        new("sequence", "sequence", static row => row.Sequence, IsNumber: true),
        new("role", "role", static row => row.Message.Message.Role.Value),
        new("tokens", "tokens", static row => row.Message.Tokens, IsNumber: true),
        new("text", "text", static row => row.Message.Message.Text),
    ];

    // Where a message has no words, people want to know what it has.
    private static readonly Column<(int Sequence, CountedMessage Message)>[] MessagesInTable = [.. Messages[..^1], new("text", "text", static row => Describe(row.Message.Message))];

    private static readonly Column<ConversationSize>[] Conversations =
    [
        new("conversation", "id", static row => row.Id),
        new("messages", "messages", static row => row.Messages, IsNumber: true),
        new("tokens", "tokens", static row => row.Tokens, IsNumber: true),
        new("of them summarized", "summarizedMessages", static row => row.SummarizedMessages, IsNumber: true),
        new("last appended to", "lastActive", static row => row.LastActive),
    ];

    public static Command Create(CliEnvironment environment)
    {
        var store = StoreName.Argument();
        var id = new Argument<string?>("ID") { Description = $"The conversation's id; without one, the {Newest} conversations that were last appended to are listed.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var csv = new Option<bool>("--csv") { Description = "Comma-separated values, safe to open in a spreadsheet." };
        var command = new Command("history", "Writes the messages of a conversation, oldest first, or which conversations there are. 'conversations export' writes everything that is in them.") { store, id, json, csv };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(store);
            await using var open = await StoreName.OpenAsync(name, cancellationToken);
            if (parsed.GetValue(id) is { } conversation)
            {
                var messages = open.Conversations.ReadHistoryAsync(conversation, cancellationToken);
                if (!await messages.AnyAsync(cancellationToken))
                    throw StoreName.NoConversation(name, conversation);
                await WriteAsync(Messages, MessagesInTable, messages.Select(static (message, sequence) => (Sequence: sequence, Message: message)));
            }
            else if (open.Conversations is IConversationSizes sizes)
            {
                var found = await sizes.ReadSizesAsync(Newest, cancellationToken);
                await WriteAsync(Conversations, Conversations, found.Newest.ToAsyncEnumerable());
                if (found.Total > found.Newest.Count && !parsed.GetValue(json) && !parsed.GetValue(csv))
                    environment.Out.WriteLine(FormattableString.Invariant($"The newest {found.Newest.Count} of {found.Total:N0} conversations."));
            }

            await environment.Out.FlushAsync(cancellationToken);
            return ExitCodes.Ok;

            Task WriteAsync<T>(Column<T>[] columns, Column<T>[] inTable, IAsyncEnumerable<T> rows) =>
                parsed.GetValue(json) ? new Rows<T>(columns, environment.Out).WriteJsonAsync(rows)
                : parsed.GetValue(csv) ? new Rows<T>(columns, environment.Out).WriteCsvAsync(rows)
                : new Rows<T>(inTable, environment.Out).WriteTableAsync(rows);
        });
        return command;
    }

    private static string Describe(ChatMessage message) => string.Join(' ', message.Contents.Select(static content => content switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => $"[calls {call.Name}]",
        FunctionResultContent => "[result of a tool]",
        TextReasoningContent => "[reasoning]",
        DataContent data => $"[{data.MediaType}]",
        _ => $"[{content.GetType().Name}]",
    }).Where(static part => part.Length > 0));
}
