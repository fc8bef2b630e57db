using Microsoft.Extensions.AI;

namespace TokenBudget.Conversations;

/// <summary>A conversation of an agent with a model as it was recorded, for replaying it under another policy.</summary>
public sealed record RecordedConversation
{
    /// <summary>What an open tool call is answered with by <see cref="CompleteToolPairs"/>.</summary>
    public const string MissingResult = "No result was recorded: the turn was aborted.";

    /// <summary>The conversation's id, unique within its file.</summary>
    public required string Id { get; init; }

    /// <summary>Where it was recorded; empty where the file does not say.</summary>
    public required string Source { get; init; }

    /// <summary>The model that answered; empty where the file does not say.</summary>
    public required string Model { get; init; }

    /// <summary>
    /// All recorded messages, oldest first, so that an index here is one in the recording. Calls have ids that are unique in the conversation; a message that
    /// says nothing has no contents, and no provider takes it.
    /// </summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>
    /// This conversation with a history that a provider accepts: each tool call has its result before anything else is said.
    /// A call of an aborted turn is answered with <see cref="MissingResult"/>, and a result that no call waits for is left out.
    /// </summary>
    /// <returns>The conversation itself when all pairs are complete.</returns>
    public RecordedConversation CompleteToolPairs()
    {
        var messages = new List<ChatMessage>(Messages.Count);
        var open = new List<string>();
        var changed = false;
        foreach (var message in Messages)
        {
            if (message.Role != ChatRole.Tool)
            {
                changed |= AnswerOpenCalls(messages, open);
                open.AddRange(message.Contents.OfType<FunctionCallContent>().Select(static call => call.CallId));
                messages.Add(message);
                continue;
            }

            var wanted = message.Contents.Where(content => content is not FunctionResultContent result || open.Remove(result.CallId)).ToList();
            if (wanted.Count == message.Contents.Count)
            {
                messages.Add(message);
                continue;
            }

            changed = true;
            if (wanted.Count > 0)
                messages.Add(new ChatMessage(ChatRole.Tool, wanted));
        }

        changed |= AnswerOpenCalls(messages, open);
        return changed ? this with { Messages = messages } : this;
    }

    private static bool AnswerOpenCalls(List<ChatMessage> messages, List<string> open)
    {
        foreach (var callId in open)
            messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(callId, MissingResult)]));
        var any = open.Count > 0;
        open.Clear();
        return any;
    }
}
