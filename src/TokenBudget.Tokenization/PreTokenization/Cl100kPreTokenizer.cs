namespace TokenBudget.Tokenization;

/// <summary>The pieces of cl100k_base.</summary>
/// <remarks>
/// <code>
/// (?i:'s|'t|'re|'ve|'m|'ll|'d)
/// [^\r\n\p{L}\p{N}]?\p{L}+
/// \p{N}{1,3}
///  ?[^\s\p{L}\p{N}]+[\r\n]*
/// \s*[\r\n]+
/// \s+(?!\S)
/// \s+
/// </code>
/// </remarks>
internal sealed unsafe class Cl100kPreTokenizer : PreTokenizer
{
    public override bool IsO200k => false;

    public override int PieceEnd(char* text, int start, int length)
    {
        var contraction = ContractionEnd(text, start, length);
        if (contraction > start)
            return contraction;

        var first = ClassAt(text, start, length, out var second);
        if ((first & CharClass.Letter) != 0)
            return RunEnd(CharClass.Letter, text, second, length);
        if ((first & CharClass.NoPrefix) == 0 && Is(CharClass.Letter, text, second, length))
            return RunEnd(CharClass.Letter, text, second, length);
        if ((first & CharClass.Number) != 0)
            return NumberEnd(text, start, length);

        var end = PunctuationEnd(text, start, length);
        if (end < 0)
            return WhiteSpaceEnd(text, start, length);

        while (end < length && text[end] is '\r' or '\n')
            end++;
        return end;
    }
}
