namespace TokenBudget.Testing;

/// <summary>One event of a stream, as bytes.</summary>
/// <param name="Bytes">With its framing.</param>
/// <param name="Tokens">Output tokens that are produced, and billed, before it is sent.</param>
/// <param name="IsLast">Whether the stream is whole with it.</param>
internal readonly record struct StreamFrame(ReadOnlyMemory<byte> Bytes, int Tokens = 0, bool IsLast = false)
{
    /// <summary>The piece of the model's text in it; empty when there is none.</summary>
    public string Text { get; init; } = "";

    /// <summary>The tool call that begins with it, if one does.</summary>
    public string? ToolCallId { get; init; }
}
