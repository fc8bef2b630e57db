namespace TokenBudget.Testing;

/// <summary>One message of a request.</summary>
internal sealed record CompletionMessage(string Role, IReadOnlyList<SimulatedBlock> Blocks)
{
    public bool IsSystem => Role is "system" or "developer";

    public string Text => string.Join('\n', Blocks.OfType<SimulatedTextBlock>().Select(block => block.Text));

    /// <summary>Ids of the tool calls of an assistant message.</summary>
    public IEnumerable<string> Calls => Blocks.OfType<SimulatedToolUseBlock>().Select(call => call.Id);

    /// <summary>The call that a tool message answers.</summary>
    public string? Answers => Blocks.OfType<SimulatedToolResultBlock>().FirstOrDefault()?.ToolUseId;
}
