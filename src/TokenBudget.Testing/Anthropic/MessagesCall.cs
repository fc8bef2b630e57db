using System.Text.Json;

namespace TokenBudget.Testing;

/// <summary>The body of a request to <c>/v1/messages</c>, read but not yet judged as a conversation.</summary>
internal sealed class MessagesCall : WireCall
{
    public required IReadOnlyList<WireBlock> Tools { get; init; }

    public required IReadOnlyList<WireBlock> System { get; init; }

    public required IReadOnlyList<WireMessage> Messages { get; init; }

    public override void Check(SimulatedModel model)
    {
        ConversationRules.Check(this, model);
        if (MaxTokens > model.MaxOutputTokens)
        {
            throw AnthropicDialect.Invalid(
                $"max_tokens: {MaxTokens} > {model.MaxOutputTokens}, which is the maximum allowed number of output tokens for {model.Id}");
        }

        if (PromptTokens > model.MaxInputTokens)
            throw AnthropicDialect.Invalid($"prompt is too long: {PromptTokens} tokens > {model.MaxInputTokens} maximum");
    }

    public override PromptView View() => new(
        string.Join('\n', System.Select(block => block.Text)),
        [.. Messages.Select(message => new SimulatedMessage(message.Role, [.. message.Blocks.Select(Block)]))],
        [.. Tools.Select(tool => tool.Text!)]);

    private static SimulatedBlock Block(WireBlock block) => block.Type switch
    {
        "text" => new SimulatedTextBlock(block.Text!),
        "tool_use" => new SimulatedToolUseBlock(
            block.ToolUseId!,
            WireJson.OptionalString(block.Json, "name") ?? "",
            block.Json.GetProperty("input").GetRawText()),
        "tool_result" => new SimulatedToolResultBlock(
            block.ToolUseId!,
            string.Concat(block.Inner.Select(inner => inner.Text)),
            WireJson.IsTrue(block.Json, "is_error")),
        _ => new SimulatedOtherBlock(block.Type, block.Json),
    };
}
