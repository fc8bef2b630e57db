#if NET
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TokenBudget.Tokenization;

/// <summary>Splits up to 64 ASCII characters into pieces all at once, by arithmetic on masks with a bit for every character.</summary>
/// <remarks>
/// <para>
/// A block starts where a piece starts, so nothing before it matters. For each class of characters there is a mask; "is preceded by" is a
/// shift by one. Almost every rule of the two patterns says, of a character and its neighbours, whether a piece starts there:
/// </para>
/// <list type="bullet">
/// <item>letters start one after anything but a letter, except after a prefix; in o200k capitals also do after a small letter;</item>
/// <item>a prefix is white space (no line end) or a single punctuation character that itself starts a piece;</item>
/// <item>digits start one after anything else, and after every third digit;</item>
/// <item>punctuation starts one after anything but punctuation and a space;</item>
/// <item>white space starts one after anything else; its last character, if no line end, starts another one when something follows;
/// and so does what comes after its last line end.</item>
/// </list>
/// <para>
/// Two rules are no matter of neighbours. Line ends behind punctuation (in o200k with slashes among them) belong to it: such a tail is found
/// by adding its first bit to the mask of what it may consist of, whose carry runs through it. And contractions are looked at one by one.
/// </para>
/// <para>
/// What depends on characters behind the block, or on the first one that is not ASCII, is left out: the piece will be the first of the next block.
/// </para>
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AsciiBlock
{
    private const int Size = 64;

    // A start is known when two more characters are: a contraction is up to three long.
    private const int LookAhead = 3;

    // The characters as bytes; Key reads 16 from any of them.
    private fixed byte _bytes[Size + 16];

    /// <summary>A bit for every place where a piece ends: a start of the next one, or the end of the text. Never the first bit.</summary>
    public ulong Starts;

    /// <summary>Reads and splits the characters at a position.</summary>
    /// <returns>False when not even the first piece could be told.</returns>
    [SkipLocalsInit]
    public static bool TryRead(char* text, int length, bool isO200k, AsciiBlock* block)
    {
        Masks masks;
        if (length >= Size)
        {
            Classify(text, block->_bytes, &masks);
        }
        else
        {
            var padded = stackalloc char[Size];
            // Written as vectors, which the next step uses anyway: a fill would compile code of its own before the first count.
            Vector512<ushort>.AllBitsSet.Store((ushort*)padded);
            Vector512<ushort>.AllBitsSet.Store((ushort*)padded + 32);
            new ReadOnlySpan<char>(text, length).CopyTo(new Span<char>(padded, Size));
            Classify(padded, block->_bytes, &masks);
        }

        var ascii = BitOperations.TrailingZeroCount(masks.Other);
        var isEnd = ascii == length;
        var seen = ascii == Size ? ulong.MaxValue : (1UL << ascii) - 1;
        var starts = masks.Split(block->_bytes, seen, isO200k, out var openSpace) & ~1UL;
        if (isEnd)
        {
            // 64 characters that end with the text: the end has no bit of its own, so the last piece is left to the next round.
            if (ascii < Size)
                starts |= 1UL << ascii;
        }
        else
        {
            var known = Math.Min(ascii - LookAhead, openSpace);
            starts &= known < 0 ? 0 : ulong.MaxValue >> (63 - known);
        }

        block->Starts = starts;
        return starts != 0;
    }

    /// <summary>A piece of up to 15 characters as <see cref="CountCache"/> wants it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Key(int start, int size, out ulong low, out ulong high)
    {
        // Sixteen ones, then sixteen zeros: read from further on, fewer ones are left.
        ReadOnlySpan<byte> ones =
        [
            255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        ref var mask = ref Unsafe.AddByteOffset(ref MemoryMarshal.GetReference(ones), 16 - size);
        ref var key = ref Unsafe.AddByteOffset(ref Unsafe.AsRef(in _bytes[0]), start);
        low = Unsafe.ReadUnaligned<ulong>(ref key) & Unsafe.ReadUnaligned<ulong>(ref mask);
        high = Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref key, 8)) & Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref mask, 8))
            | (ulong)(uint)size << 60;
    }

    private static void Classify(char* text, byte* bytes, Masks* masks)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var v = Vector512.NarrowWithSaturation(Vector512.Load((ushort*)text), Vector512.Load((ushort*)text + 32));
            v.Store(bytes);
            masks->Upper = Range(v, 'A', 26);
            masks->Lower = Range(v, 'a', 26);
            masks->Digit = Range(v, '0', 10);
            masks->Blank = Range(v, ' ', 1);
            masks->Space = Range(v, '\t', 5) | masks->Blank;
            masks->NewLine = Range(v, '\n', 1) | Range(v, '\r', 1);
            masks->Slash = Range(v, '/', 1);
            masks->Quote = Range(v, '\'', 1);
            masks->Other = v.ExtractMostSignificantBits();
            return;
        }

        *masks = default;
        for (var at = 0; at < Size; at += 16)
        {
            var v = Vector128.NarrowWithSaturation(Vector128.Load((ushort*)text + at), Vector128.Load((ushort*)text + at + 8));
            v.Store(bytes + at);
            masks->Upper |= Range(v, 'A', 26, at);
            masks->Lower |= Range(v, 'a', 26, at);
            masks->Digit |= Range(v, '0', 10, at);
            masks->Blank |= Range(v, ' ', 1, at);
            masks->Space |= Range(v, '\t', 5, at);
            masks->NewLine |= Range(v, '\n', 1, at) | Range(v, '\r', 1, at);
            masks->Slash |= Range(v, '/', 1, at);
            masks->Quote |= Range(v, '\'', 1, at);
            masks->Other |= (ulong)v.ExtractMostSignificantBits() << at;
        }

        masks->Space |= masks->Blank;
    }

    // Methods of their own: before anything is optimised, each is compiled once and not at every use.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Range(Vector512<byte> v, char first, byte count) =>
        Vector512.LessThan(v - Vector512.Create((byte)first), Vector512.Create(count)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Range(Vector128<byte> v, char first, byte count, int at) =>
        (ulong)Vector128.LessThan(v - Vector128.Create((byte)first), Vector128.Create(count)).ExtractMostSignificantBits() << at;

    private struct Masks
    {
        public ulong Upper;
        public ulong Lower;
        public ulong Digit;

        /// <summary>U+0020 alone.</summary>
        public ulong Blank;
        public ulong Space;
        public ulong NewLine;
        public ulong Slash;
        public ulong Quote;

        /// <summary>Not ASCII.</summary>
        public ulong Other;

        /// <summary>Where pieces start.</summary>
        /// <param name="bytes">The characters.</param>
        /// <param name="seen">The characters before the first that is not ASCII.</param>
        /// <param name="isO200k">Which pattern.</param>
        /// <param name="openSpace">Where white space starts that may go on behind the characters seen; what lies in it is not known.</param>
        public readonly ulong Split(byte* bytes, ulong seen, bool isO200k, out int openSpace)
        {
            var letter = Upper | Lower;
            var punctuation = seen & ~(letter | Digit | Space);

            // Line ends behind punctuation.
            var tail = 0UL;
            var tailFirst = NewLine & punctuation << 1;
            if (tailFirst != 0)
            {
                var may = (isO200k ? NewLine | Slash : NewLine) & seen;
                tail = may & ~(may + tailFirst) | tailFirst;
                punctuation &= ~tail;
            }

            var space = Space & ~tail & seen;
            var newLine = NewLine & ~tail & seen;
            var inner = space & ~newLine;
            var open = ~space & seen;
            openSpace = Size - BitOperations.LeadingZeroCount(open);

            var single = punctuation & ~(punctuation << 1) & ~(Blank << 1);
            var prefix = single & ~(punctuation >> 1) & letter >> 1;
            var starts = tail << 1 & ~tail
                | letter & ~(letter << 1) & ~((inner | prefix) << 1)
                | single
                | space & ~(space << 1)
                | inner & (seen & ~Space) >> 1
                | AfterLineEnds(inner, newLine)
                | Digits();
            if (isO200k)
                starts |= Upper & Lower << 1;

            var quotes = Quote & letter >> 1 & (isO200k ? letter << 1 : prefix);
            return quotes == 0 ? starts : Contract(bytes, starts, quotes, letter, isO200k);
        }

        private readonly ulong Digits()
        {
            var first = Digit & ~(Digit << 1);
            var later = Digit & Digit << 1 & Digit << 2 & Digit << 3;
            var all = first;
            // Three more digits before it, and a start three before.
            for (var next = first << 3 & later; next != 0; next = next << 3 & later)
                all |= next;
            return all;
        }

        /// <summary>White space that follows a line end, unless the line ends again behind it.</summary>
        private static ulong AfterLineEnds(ulong inner, ulong newLine)
        {
            var starts = inner & newLine << 1;
            var again = starts + inner & ~inner & newLine;
            while (again != 0)
            {
                var below = starts & (again & (0 - again)) - 1;
                starts &= ~(1UL << (63 - BitOperations.LeadingZeroCount(below)));
                again &= again - 1;
            }

            return starts;
        }

        /// <summary>Moves the starts at apostrophes that are contractions.</summary>
        private static ulong Contract(byte* bytes, ulong starts, ulong quotes, ulong letter, bool isO200k)
        {
            var lastEnd = -1;
            for (; quotes != 0; quotes &= quotes - 1)
            {
                // In o200k a contraction ends a word, and what ends with a contraction has had its own.
                var at = BitOperations.TrailingZeroCount(quotes);
                if (at + LookAhead > Size || (isO200k && at == lastEnd))
                    continue;

                var end = (bytes[at + 1] | 0x20, bytes[at + 2] | 0x20) switch
                {
                    ('s' or 't' or 'm' or 'd', _) => at + 2,
                    ('r' or 'v', 'e') or ('l', 'l') => at + 3,
                    _ => -1,
                };
                if (end < 0)
                    continue;

                lastEnd = end;
                if (isO200k)
                    starts &= ~((1UL << end) - (1UL << at));
                if (end < Size)
                    starts |= letter & 1UL << end;
            }

            return starts;
        }
    }
}
#endif
