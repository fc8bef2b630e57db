namespace TokenBudget.Testing;

/// <summary>A <c>text</c> block.</summary>
/// <param name="Text">Its text.</param>
public sealed record SimulatedTextBlock(string Text) : SimulatedBlock;
