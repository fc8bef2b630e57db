namespace TokenBudget.Tokenization;

/// <summary>Splits text into the pieces that are merged on their own: no token ever crosses from one piece to the next.</summary>
/// <remarks>
/// <para>
/// An encoding defines its pieces by a regular expression of ordered alternatives: a word with the space or the punctuation character in front of
/// it, up to three digits, a run of punctuation, white space. Matched again and again from where the last match ended, it covers the whole text.
/// </para>
/// <code>
///   "It's 2026, isn't it?"      It's| |202|6|,| isn't| it|?
/// </code>
/// <para>
/// A <c>Regex</c> of .NET would be slow, would see astral letters as surrogates and would fold case differently, so each alternative is written
/// out by hand: the parts that both encodings share are here, the rest with the pattern itself in <see cref="O200kPreTokenizer"/> and
/// <see cref="Cl100kPreTokenizer"/>. What a pattern asks of a character (a capital, a mark, a number) is one look into <see cref="CharClasses"/>,
/// which is our own table: the count a compiler makes on an old framework must equal the one made at run time.
/// </para>
/// <para>
/// Every method reads a piece at most a few times over, so splitting a text is linear in its length. A piece depends on nothing before it, so
/// splitting may start at any place where a piece starts. On net10.0 text that is ASCII does not come here: <c>AsciiBlock</c> splits 64 characters
/// of it at a time by arithmetic on bit masks, into the same pieces.
/// </para>
/// <para>Instances hold no state.</para>
/// </remarks>
internal abstract unsafe class PreTokenizer
{
    private const char LongS = '\u017F';
    private const int AsciiLowerBit = 0x20;

    /// <summary>Whether the pieces are those of o200k_base, not those of cl100k_base.</summary>
    public abstract bool IsO200k { get; }

    /// <summary>Where the piece that starts at <paramref name="start"/> ends.</summary>
    /// <param name="text">The whole text: what follows a piece may decide where it ends.</param>
    /// <param name="start">The end of the piece before, below <paramref name="length"/>.</param>
    /// <param name="length">Where the text ends.</param>
    /// <returns>A position after <paramref name="start"/>, never inside a surrogate pair.</returns>
    public abstract int PieceEnd(char* text, int start, int length);

    /// <summary>Where text that may follow could still change what pieces there are: those that end before this position are final.</summary>
    /// <remarks>
    /// From the end of a piece, a pattern looks at most three units ahead (for a contraction), or over a run of characters that may be a word's
    /// head, or over a run of white space. A run that the text's end cuts off may go on.
    /// </remarks>
    public static int OpenFrom(char* text, int length)
    {
        // Half a surrogate pair may become any character.
        var end = length > 0 && (text[length - 1] & 0xFC00) == 0xD800 ? length - 1 : length;
        return Math.Max(0, Math.Min(length - 4, Math.Min(RunStart(CharClass.WordHead, text, end), RunStart(CharClass.Space, text, end))));
    }

    private static int RunStart(CharClass classes, char* text, int end)
    {
        while (end > 0)
        {
            var before = end > 1 && (text[end - 1] & 0xFC00) == 0xDC00 && (text[end - 2] & 0xFC00) == 0xD800 ? end - 2 : end - 1;
            if ((ClassAt(text, before, end, out _) & classes) == 0)
                break;
            end = before;
        }

        return end;
    }

    protected static CharClass ClassAt(char* text, int index, int length, out int next) =>
        CharClasses.Of(Utf16.Read(text, index, length, out next));

    /// <summary>Whether a character of one of the classes starts at a position, which may be the end of the text.</summary>
    protected static bool Is(CharClass classes, char* text, int index, int length) =>
        index < length && (ClassAt(text, index, length, out _) & classes) != 0;

    /// <summary>The end of the longest run of characters of the classes.</summary>
    protected static int RunEnd(CharClass classes, char* text, int index, int length)
    {
        while (index < length && (ClassAt(text, index, length, out var next) & classes) != 0)
            index = next;
        return index;
    }

    /// <summary><c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c>: the end of a contraction, or <paramref name="index"/> where there is none.</summary>
    /// <remarks>Case is folded as Rust's regular expressions do, where the long s (U+017F) is an s.</remarks>
    protected static int ContractionEnd(char* text, int index, int length)
    {
        if (length - index < 2 || text[index] != '\'')
            return index;

        if (text[index + 1] == LongS)
            return index + 2;

        switch (text[index + 1] | AsciiLowerBit)
        {
            case 's' or 't' or 'm' or 'd':
                return index + 2;
            case 'r' or 'v' when IsLetter(text, index + 2, length, 'e'):
            case 'l' when IsLetter(text, index + 2, length, 'l'):
                return index + 3;
            default:
                return index;
        }
    }

    /// <summary><c>\p{N}{1,3}</c>, at a number.</summary>
    protected static int NumberEnd(char* text, int start, int length)
    {
        var end = start;
        for (var digits = 0; digits < 3 && end < length && (ClassAt(text, end, length, out var next) & CharClass.Number) != 0; digits++)
            end = next;
        return end;
    }

    /// <summary><c> ?[^\s\p{L}\p{N}]+</c>: the end of a run of punctuation with its leading space, or -1.</summary>
    protected static int PunctuationEnd(char* text, int start, int length)
    {
        var first = text[start] == ' ' ? start + 1 : start;
        var end = first;
        while (end < length && (ClassAt(text, end, length, out var next) & CharClass.NoPunctuation) == 0)
            end = next;
        return end > first ? end : -1;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c>, at white space.</summary>
    /// <remarks>
    /// A run of white space goes up to its last line end; without a line end it leaves its last character to the word that follows.
    /// White space has no astral characters, so a step is one unit.
    /// </remarks>
    protected static int WhiteSpaceEnd(char* text, int start, int length)
    {
        var afterNewLine = -1;
        var end = start;
        for (; end < length; end++)
        {
            var current = CharClasses.Of(text[end]);
            if ((current & CharClass.Space) == 0)
                break;
            if ((current & CharClass.NewLine) != 0)
                afterNewLine = end + 1;
        }

        if (afterNewLine >= 0)
            return afterNewLine;
        return end == length || end == start + 1 ? end : end - 1;
    }

    private static bool IsLetter(char* text, int index, int length, char lower) =>
        index < length && (text[index] | AsciiLowerBit) == lower;
}
