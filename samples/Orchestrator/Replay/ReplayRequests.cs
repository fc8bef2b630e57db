using System.Text.Json;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;
using TokenBudget.Testing;

namespace Orchestrator.Replay;

/// <summary>A recorded conversation as the requests that made it: one for each recorded answer.</summary>
internal static class ReplayRequests
{
    /// <param name="conversation">The conversation.</param>
    /// <returns>What was sent for each answer (a growing list that must not be kept) and the answer.</returns>
    public static IEnumerable<(IReadOnlyList<ChatMessage> Messages, SimulatedReply Reply)> Of(RecordedConversation conversation)
    {
        var messages = new List<ChatMessage>();
        var hasUser = false;
        foreach (var message in conversation.CompleteToolPairs().Messages)
        {
            // A provider takes no request without a user message: a greeting before the first one was not asked for.
            hasUser |= message.Role == ChatRole.User;
            if (message.Role == ChatRole.Assistant)
            {
                if (!hasUser)
                    continue;
                // Two answers in a row are one answer that was recorded in pieces.
                if (messages[^1].Role != ChatRole.Assistant && ReplyOf(message) is { } reply)
                    yield return (messages, reply);
            }

            if (WithoutBlanks(message) is { } sendable)
                messages.Add(sendable);
        }
    }

    /// <summary>A provider takes no blank text: blank parts go, and a result that says nothing says so.</summary>
    private static ChatMessage? WithoutBlanks(ChatMessage message)
    {
        if (message.Contents.Count > 0 && !message.Contents.Any(IsBlank))
            return message;
        var clone = message.Clone();
        clone.Contents =
        [
            .. message.Contents
                .Select(content => content is FunctionResultContent result && IsBlank(result) ? new FunctionResultContent(result.CallId, "(nothing)") : content)
                .Where(content => !IsBlank(content)),
        ];
        return clone.Contents.Count == 0 ? null : clone;
    }

    private static bool IsBlank(AIContent content) => content switch
    {
        TextContent text => string.IsNullOrWhiteSpace(text.Text),
        FunctionResultContent result => string.IsNullOrWhiteSpace(result.Result?.ToString()),
        _ => false,
    };

    private static SimulatedReply? ReplyOf(ChatMessage message)
    {
        var blocks = new List<SimulatedBlock>();
        foreach (var content in message.Contents)
        {
            switch (content)
            {
                case TextContent text when !string.IsNullOrWhiteSpace(text.Text):
                    blocks.Add(new SimulatedTextBlock(text.Text));
                    break;
                case FunctionCallContent call:
                    blocks.Add(new SimulatedToolUseBlock(call.CallId, call.Name, JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>())));
                    break;
            }
        }

        return blocks.Count == 0 ? null : SimulatedReply.Of(blocks);
    }
}
