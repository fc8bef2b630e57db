namespace TokenBudget.Testing;

/// <summary>A block as it is sent, after <c>max_tokens</c> and stop sequences had their say.</summary>
/// <param name="Content">Text, or the JSON of the arguments, perhaps cut.</param>
/// <param name="Tokens">Output tokens of the block.</param>
/// <param name="Call">The tool call; <see langword="null"/> for a text.</param>
/// <param name="IsWhole">Whether nothing was cut.</param>
internal sealed record GeneratedBlock(string Content, int Tokens, SimulatedToolUseBlock? Call, bool IsWhole)
{
    private const int CharactersPerPiece = 24;

    /// <summary>The content as a stream delivers it, each piece with the output tokens it adds.</summary>
    public IEnumerable<(string Text, int Tokens)> Pieces()
    {
        var start = 0;
        var counted = 0;
        while (start < Content.Length)
        {
            var end = Math.Min(Content.Length, start + CharactersPerPiece);
            if (end < Content.Length && char.IsHighSurrogate(Content[end - 1]))
                end++;
            var upToHere = (int)((long)Tokens * end / Content.Length);
            yield return (Content[start..end], upToHere - counted);
            counted = upToHere;
            start = end;
        }

        if (start == 0)
            yield return ("", Tokens);
    }
}
