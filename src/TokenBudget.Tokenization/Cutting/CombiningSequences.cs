namespace TokenBudget.Tokenization;

/// <summary>Tells where a text can be cut without taking a mark from the letter it belongs to, or apart what a joiner holds together.</summary>
internal static unsafe class CombiningSequences
{
    // A sequence longer than this is not one that anybody reads; it is cut like other text.
    private const int Longest = 32;
    private const char Joiner = '\u200D';

    /// <summary>The last position up to <paramref name="index"/> that is not inside a sequence; <paramref name="index"/> where none is near.</summary>
    public static int Before(char* text, int index, int length)
    {
        var at = index;
        while (IsInside(text, at, length))
            if (index - --at > Longest)
                return index;
        return at;
    }

    /// <summary>The first position from <paramref name="index"/> that is not inside a sequence; <paramref name="index"/> where none is near.</summary>
    public static int After(char* text, int index, int length)
    {
        var at = index;
        while (IsInside(text, at, length))
            if (++at - index > Longest)
                return index;
        return at;
    }

    private static bool IsInside(char* text, int index, int length)
    {
        if (index <= 0 || index >= length)
            return false;
        var next = text[index];
        if ((next & 0xFC00) == 0xDC00 && (text[index - 1] & 0xFC00) == 0xD800)
            return true;
        return next == Joiner || text[index - 1] == Joiner && next >= 0x80
            || (CharClasses.Of(Utf16.Read(text, index, length, out _)) & CharClass.Mark) != 0;
    }
}
