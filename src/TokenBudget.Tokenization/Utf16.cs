namespace TokenBudget.Tokenization;

/// <summary>Reads code points out of UTF-16 text that may be malformed.</summary>
internal static unsafe class Utf16
{
    /// <summary>What a surrogate without its partner counts as, as in every conversion to UTF-8.</summary>
    public const int Replacement = 0xFFFD;

    /// <summary>The code point that starts at <paramref name="index"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="index">A position below <paramref name="length"/>.</param>
    /// <param name="length">Where the text ends.</param>
    /// <param name="next">Where the next code point starts.</param>
    public static int Read(char* text, int index, int length, out int next)
    {
        int first = text[index];
        next = index + 1;
        if ((first & 0xF800) != 0xD800)
            return first;

        if (first < 0xDC00 && next < length && (text[next] & 0xFC00) == 0xDC00)
            return 0x10000 + (first - 0xD800 << 10) + (text[next++] - 0xDC00);

        return Replacement;
    }

    /// <summary>How many bytes a code point takes in UTF-8, 1 to 4.</summary>
    public static int Utf8Length(int codePoint) => codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;

    /// <summary>The first byte of a code point in UTF-8.</summary>
    public static int FirstByte(int codePoint) => codePoint < 0x80 ? codePoint
        : codePoint < 0x800 ? 0xC0 | codePoint >> 6
        : codePoint < 0x10000 ? 0xE0 | codePoint >> 12
        : 0xF0 | codePoint >> 18;

    /// <summary>The last byte of a code point in UTF-8.</summary>
    public static int LastByte(int codePoint) => codePoint < 0x80 ? codePoint : 0x80 | codePoint & 0x3F;

    /// <summary>How many bytes a part of a text takes in UTF-8.</summary>
    public static int Utf8Length(char* text, int start, int end)
    {
        var bytes = 0;
        while (start < end)
            bytes = checked(bytes + Utf8Length(Read(text, start, end, out start)));
        return bytes;
    }
}
