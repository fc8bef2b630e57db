namespace TokenBudget.Tokenization;

/// <summary>The pieces of o200k_base.</summary>
/// <remarks>
/// <code>
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
/// \p{N}{1,3}
///  ?[^\s\p{L}\p{N}]+[\r\n/]*
/// \s*[\r\n]+
/// \s+(?!\S)
/// \s+
/// </code>
/// A word is a head of capitals and a tail of small letters; letters without case and marks may be in either. A mark may also be
/// the optional prefix, which is why the prefix is tried and then given up.
/// </remarks>
internal sealed unsafe class O200kPreTokenizer : PreTokenizer
{
    public override bool IsO200k => true;

    public override int PieceEnd(char* text, int start, int length)
    {
        var word = WordEnd(text, start, length);
        if (word >= 0)
            return ContractionEnd(text, word, length);

        if (Is(CharClass.Number, text, start, length))
            return NumberEnd(text, start, length);

        var end = PunctuationEnd(text, start, length);
        if (end < 0)
            return WhiteSpaceEnd(text, start, length);

        while (end < length && text[end] is '\r' or '\n' or '/')
            end++;
        return end;
    }

    /// <summary>The first two alternatives without the contraction, in the order in which a backtracking matcher tries them; or -1.</summary>
    private static int WordEnd(char* text, int start, int length)
    {
        var first = ClassAt(text, start, length, out var second);
        var capitalsAfterPrefix = -1;
        if ((first & CharClass.NoPrefix) == 0)
        {
            var withPrefix = WordWithTailEnd(text, second, length, out capitalsAfterPrefix);
            if (withPrefix >= 0)
                return withPrefix;
        }

        // Only a mark gets here after a failed try as a prefix, and it is a tail by itself.
        if ((first & (CharClass.Letter | CharClass.Mark)) != 0)
        {
            var withTail = WordWithTailEnd(text, start, length, out var capitals);
            return withTail >= 0 ? withTail : capitals;
        }

        return capitalsAfterPrefix;
    }

    /// <summary><c>Head*Tail+</c>: the end of a word that has a tail, or -1.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the head may start; may be the end of the text.</param>
    /// <param name="length">Where the text ends.</param>
    /// <param name="capitals">The end of <c>Head+Tail*</c> when there is no tail, or -1.</param>
    private static int WordWithTailEnd(char* text, int start, int length, out int capitals)
    {
        capitals = -1;
        var lastEither = -1;
        var end = start;
        while (end < length)
        {
            var current = ClassAt(text, end, length, out var next);
            if ((current & CharClass.WordHead) == 0)
            {
                if ((current & CharClass.Lower) != 0)
                    return RunEnd(CharClass.WordTail, text, next, length);
                break;
            }

            end = next;
            if ((current & CharClass.WordEither) != 0)
                lastEither = end;
        }

        // The head swallowed everything: it gives back up to the last character that can be a tail.
        if (lastEither >= 0)
            return lastEither;
        if (end > start)
            capitals = end;
        return -1;
    }
}
