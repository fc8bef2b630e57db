namespace TokenBudget.Testing;

/// <summary>What the real API demands of a conversation, checked in one place. Documented unless a line says otherwise.</summary>
internal static class ConversationRules
{
    private const int MaxMarkers = 4;

    public static void Check(MessagesCall request, SimulatedModel model)
    {
        if (request.Messages.Count == 0)
            throw AnthropicDialect.Invalid("messages: at least one message is required");
        CheckSystemMessages(request.Messages, model);
        if (request.Messages[0].Role != "user")
            throw AnthropicDialect.Invalid("messages: first message must use the \"user\" role");
        if (request.Tools.DistinctBy(tool => tool.Text).Count() != request.Tools.Count)
            throw AnthropicDialect.Invalid("tools: Tool names must be unique.");

        CheckTexts(request.System, "system");
        foreach (var message in request.Messages)
            CheckTexts(message.Blocks, "messages");
        CheckMarkers(request);
        CheckTools(request.Messages);
        // Inferred from public error reports: a prefilled answer is continued, so it cannot end in a space.
        if (request.Messages[^1] is { Role: "assistant", Blocks: [.., { Text: { Length: > 0 } text }] } && char.IsWhiteSpace(text[^1]))
            throw AnthropicDialect.Invalid("messages: final assistant content cannot end with trailing whitespace");
    }

    private static void CheckSystemMessages(IReadOnlyList<WireMessage> messages, SimulatedModel model)
    {
        var place = messages.TakeWhile(message => message.Role != "system").Count();
        if (place == messages.Count)
            return;
        if (!model.AcceptsSystemMessages)
        {
            throw AnthropicDialect.Invalid(
                "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role.");
        }

        for (; place < messages.Count; place++)
        {
            if (messages[place].Role == "system" && (place == 0 || messages[place - 1].Role != "user"))
                throw AnthropicDialect.Invalid($"messages.{messages[place].Index}: a \"system\" message must immediately follow a \"user\" message");
        }
    }

    private static void CheckTexts(IEnumerable<WireBlock> blocks, string where)
    {
        foreach (var block in blocks)
        {
            if (block.Text is { Length: 0 })
            {
                throw AnthropicDialect.Invalid(block.Lifetime is null
                    ? $"{where}: text content blocks must be non-empty"
                    : $"{block.Path}: cache_control cannot be set for empty text blocks");
            }

            if (block.Text is { } text && string.IsNullOrWhiteSpace(text))
                throw AnthropicDialect.Invalid($"{where}: text content blocks must contain non-whitespace text");
            CheckTexts(block.Inner, where);
        }
    }

    private static void CheckMarkers(MessagesCall request)
    {
        var lifetimes = request.Tools.Concat(request.System).Concat(request.Messages.SelectMany(message => message.Blocks))
            .Where(block => block.Lifetime is not null).Select(block => block.Lifetime!.Value).ToArray();
        if (lifetimes.Length > MaxMarkers)
            throw AnthropicDialect.Invalid($"A maximum of {MaxMarkers} blocks with cache_control may be provided. Found {lifetimes.Length}.");
        for (var index = 1; index < lifetimes.Length; index++)
        {
            if (lifetimes[index] > lifetimes[index - 1])
                throw AnthropicDialect.Invalid("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block");
        }
    }

    private static void CheckTools(IReadOnlyList<WireMessage> messages)
    {
        var seen = new HashSet<string?>(StringComparer.Ordinal);
        for (var index = 0; index < messages.Count; index++)
        {
            var message = messages[index];
            var calls = message.Blocks.Where(block => block.Type == "tool_use").ToArray();
            if (message.Role == "user" && calls.Length > 0)
                throw AnthropicDialect.Invalid($"{calls[0].Path}: `tool_use` blocks can only be in `assistant` messages");
            if (calls.Any(call => !seen.Add(call.ToolUseId)))
                throw AnthropicDialect.Invalid("messages: `tool_use` ids must be unique");

            if (message.Role == "assistant" && message.Blocks.FirstOrDefault(block => block.Type == "tool_result") is { } misplaced)
                throw AnthropicDialect.Invalid($"{misplaced.Path}: `tool_result` blocks can only be in `user` messages");
            if (message.Role == "user")
                CheckResults(message, index == 0 ? [] : messages[index - 1].Blocks.Where(block => block.Type == "tool_use").Select(block => block.ToolUseId));
            CheckAnswered(message, calls, index + 1 < messages.Count ? messages[index + 1] : null);
        }
    }

    private static void CheckResults(WireMessage message, IEnumerable<string?> calls)
    {
        var open = calls.ToHashSet(StringComparer.Ordinal);
        var answered = new HashSet<string?>(StringComparer.Ordinal);
        foreach (var result in message.Blocks.Where(block => block.Type == "tool_result"))
        {
            if (!open.Contains(result.ToolUseId))
            {
                throw AnthropicDialect.Invalid($"{result.Path}: unexpected `tool_use_id` found in `tool_result` blocks: {result.ToolUseId}. "
                    + "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.");
            }

            if (!answered.Add(result.ToolUseId))
            {
                throw AnthropicDialect.Invalid(
                    $"{result.Path}: each tool_use must have a single result. Found multiple `tool_result` blocks with id: {result.ToolUseId}");
            }
        }
    }

    private static void CheckAnswered(WireMessage message, WireBlock[] calls, WireMessage? next)
    {
        // Results count only at the head of the next message: nothing may stand before them.
        var answered = next?.Blocks.TakeWhile(block => block.Type == "tool_result").Select(block => block.ToolUseId).ToHashSet(StringComparer.Ordinal) ?? [];
        var open = calls.Where(call => !answered.Contains(call.ToolUseId)).Select(call => call.ToolUseId).ToArray();
        if (open.Length > 0)
        {
            throw AnthropicDialect.Invalid($"messages.{message.Index}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                + $"{string.Join(", ", open)}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.");
        }
    }
}
