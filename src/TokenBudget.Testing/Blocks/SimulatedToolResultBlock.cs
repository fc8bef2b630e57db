namespace TokenBudget.Testing;

/// <summary>A <c>tool_result</c> block of a request.</summary>
/// <param name="ToolUseId">The <c>tool_use</c> it answers.</param>
/// <param name="Text">Its text blocks, one after the other.</param>
/// <param name="IsError">Whether the tool failed.</param>
public sealed record SimulatedToolResultBlock(string ToolUseId, string Text, bool IsError) : SimulatedBlock;
