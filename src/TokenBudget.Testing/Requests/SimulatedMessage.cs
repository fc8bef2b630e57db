namespace TokenBudget.Testing;

/// <summary>A message of a request. Consecutive messages of one role are one message here, as the provider combines them (documented).</summary>
/// <param name="Role"><c>user</c>, <c>assistant</c> or, where the model accepts it, <c>system</c>.</param>
/// <param name="Blocks">Its blocks in order.</param>
public sealed record SimulatedMessage(string Role, IReadOnlyList<SimulatedBlock> Blocks)
{
    /// <summary>The text blocks, joined by line breaks.</summary>
    public string Text => string.Join('\n', Blocks.OfType<SimulatedTextBlock>().Select(block => block.Text));
}
