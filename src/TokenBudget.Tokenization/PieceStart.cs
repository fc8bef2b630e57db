namespace TokenBudget.Tokenization;

/// <summary>The tokens a merge of a piece starts from: bytes, and whole characters where no token can draw one apart (see <see cref="Vocabulary"/>).</summary>
internal static unsafe class PieceStart
{
    /// <summary>The most tokens a UTF-16 unit starts with: a character of the basic plane has three bytes at most, a surrogate pair four.</summary>
    public const int MostPerUnit = 3;

    /// <summary>Writes the starting tokens of a piece.</summary>
    /// <returns>How many there are.</returns>
    public static int Write(Vocabulary vocabulary, char* text, int start, int end, int* ids)
    {
        var to = ids;
        var previousLast = -1;
        for (var index = start; index < end;)
        {
            if (text[index] < 0x80)
            {
                previousLast = text[index++];
                *to++ = vocabulary.OfByte(previousLast);
                continue;
            }

            var codePoint = Utf16.Read(text, index, end, out index);
            var first = Utf16.FirstByte(codePoint);
            var isWhole = codePoint <= char.MaxValue
                && (previousLast < 0 || !vocabulary.IsUnsafe(previousLast, first))
                && (index >= end || !vocabulary.IsUnsafe(Utf16.LastByte(codePoint), Utf16.FirstByte(Utf16.Read(text, index, end, out _))));
            var token = isWhole ? vocabulary.OfCharacter((char)codePoint) : -1;
            if (token >= 0)
            {
                *to++ = token;
            }
            else
            {
                *to++ = vocabulary.OfByte(first);
                for (var shift = 6 * (Utf16.Utf8Length(codePoint) - 2); shift >= 0; shift -= 6)
                    *to++ = vocabulary.OfByte(0x80 | codePoint >> shift & 0x3F);
            }

            previousLast = Utf16.LastByte(codePoint);
        }

        return (int)(to - ids);
    }
}
