using Microsoft.Extensions.AI;

namespace TokenBudget.CompilerServices;

/// <summary>
/// Calls of tools that a person decides about. What a model asks for goes to the caller as <see cref="ToolApprovalRequestContent"/>; his
/// <see cref="ToolApprovalResponseContent"/>, in the next call, lets the tool run. The model never sees either: to it, a tool was called and has answered.
/// </summary>
internal static class ToolApprovals
{
    /// <summary>Whether there is anything to ask for.</summary>
    public static bool MayBeNeeded(ChatOptions options)
    {
        if (options.Tools is { } tools)
            for (var i = 0; i < tools.Count; i++)
                if (tools[i] is ApprovalRequiredAIFunction)
                    return true;
        return false;
    }

    /// <summary>The answer's message with its calls as questions; the message itself when it has none to ask for.</summary>
    public static ChatMessage Ask(ChatMessage message, ChatOptions options)
    {
        if (Asked(message.Contents, options) is not { } contents)
            return message;
        var asked = message.Clone();
        asked.Contents = contents;
        return asked;
    }

    /// <summary>The same of a whole answer.</summary>
    public static IList<ChatMessage> Ask(IEnumerable<ChatMessage> messages, ChatOptions options) => [.. messages.Select(message => Ask(message, options))];

    /// <summary>The same for a part of a stream.</summary>
    public static ChatResponseUpdate Ask(ChatResponseUpdate update, ChatOptions options)
    {
        if (Asked(update.Contents, options) is not { } contents)
            return update;
        var asked = update.Clone();
        asked.Contents = contents;
        return asked;
    }

    /// <summary>Whether an answer asks for a decision, so that nobody but the caller can go on.</summary>
    public static bool IsAsked(IEnumerable<ChatMessage> messages) => messages.Any(static message => message.Contents.Any(IsRequest));

    /// <summary>The calls, of answers that asked for a decision, that have no result yet; each with the decision, if there is one.</summary>
    public static List<(FunctionCallContent Call, bool WasAsked, ToolApprovalResponseContent? Decision)> Undone(IReadOnlyList<ChatMessage> messages)
    {
        var undone = new List<(FunctionCallContent, bool, ToolApprovalResponseContent?)>();
        var results = ResultsOf(messages);
        foreach (var message in messages.Where(static message => message.Contents.Any(IsRequest)))
        {
            foreach (var content in message.Contents)
            {
                if (CallOf(content) is not { } call || results.ContainsKey(call.CallId))
                    continue;
                var decision = messages.SelectMany(static other => other.Contents).OfType<ToolApprovalResponseContent>().LastOrDefault(other => other.ToolCall.CallId == call.CallId);
                undone.Add((call, IsRequest(content), decision));
            }
        }

        return undone;
    }

    /// <summary>The messages as the model is to see them: questions as calls, right behind them their results, decisions left out.</summary>
    /// <param name="messages">The messages; not changed.</param>
    /// <param name="more">Results that are not among them yet.</param>
    public static List<ChatMessage> Seen(IReadOnlyList<ChatMessage> messages, ChatMessage? more)
    {
        var results = ResultsOf(more is null ? messages : [.. messages, more]);
        var seen = new List<ChatMessage>(messages.Count + 1);
        var moved = new HashSet<AIContent>(ReferenceEqualityComparer.Instance);
        foreach (var message in messages)
        {
            if (!message.Contents.Any(IsRequest))
            {
                AddRest(seen, message, content => !moved.Contains(content) && !IsDecision(content));
                continue;
            }

            var asking = message.Clone();
            asking.Contents = [.. message.Contents.Select(static content => content is ToolApprovalRequestContent { ToolCall: FunctionCallContent call } ? call : content)];
            seen.Add(asking);
            var answers = asking.Contents.Select(CallOf).Where(static call => call is not null).Select(call => results.GetValueOrDefault(call!.CallId)).OfType<AIContent>().ToList();
            moved.UnionWith(answers);
            if (answers.Count > 0)
                seen.Add(new ChatMessage(ChatRole.Tool, answers) { CreatedAt = message.CreatedAt });
        }

        return seen;
    }

    private static void AddRest(List<ChatMessage> seen, ChatMessage message, Func<AIContent, bool> stays)
    {
        if (message.Contents.All(stays))
        {
            seen.Add(message);
            return;
        }

        var rest = message.Clone();
        rest.Contents = [.. message.Contents.Where(stays)];
        if (rest.Contents.Count > 0)
            seen.Add(rest);
    }

    private static List<AIContent>? Asked(IList<AIContent> contents, ChatOptions options)
    {
        List<AIContent>? asked = null;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is not FunctionCallContent { InformationalOnly: false } call || !NeedsApproval(call, options))
                continue;
            asked ??= [.. contents];
            asked[i] = new ToolApprovalRequestContent(call.CallId, call);
        }

        return asked;
    }

    private static bool NeedsApproval(FunctionCallContent call, ChatOptions options) =>
        options.Tools?.Any(tool => tool is ApprovalRequiredAIFunction && tool.Name == call.Name) is true;

    private static Dictionary<string, FunctionResultContent> ResultsOf(IEnumerable<ChatMessage> messages)
    {
        var results = new Dictionary<string, FunctionResultContent>(StringComparer.Ordinal);
        foreach (var result in messages.SelectMany(static message => message.Contents).OfType<FunctionResultContent>())
            results[result.CallId] = result;
        return results;
    }

    private static FunctionCallContent? CallOf(AIContent content) => content switch
    {
        ToolApprovalRequestContent { ToolCall: FunctionCallContent call } => call,
        FunctionCallContent { InformationalOnly: false } call => call,
        _ => null,
    };

    // A provider's own tools are asked for in the same way, and it is the provider who has to be told.
    private static bool IsRequest(AIContent content) => content is ToolApprovalRequestContent { ToolCall: FunctionCallContent };

    private static bool IsDecision(AIContent content) => content is ToolApprovalResponseContent { ToolCall: FunctionCallContent };
}
