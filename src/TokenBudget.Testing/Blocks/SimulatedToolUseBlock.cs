namespace TokenBudget.Testing;

/// <summary>A <c>tool_use</c> block.</summary>
/// <param name="Id">Unique id the result refers to.</param>
/// <param name="Name">Name of the tool.</param>
/// <param name="InputJson">The arguments, a JSON object.</param>
public sealed record SimulatedToolUseBlock(string Id, string Name, string InputJson) : SimulatedBlock;
