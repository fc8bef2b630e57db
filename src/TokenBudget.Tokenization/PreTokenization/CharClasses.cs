namespace TokenBudget.Tokenization;

/// <summary>The class of every code point, from a table that ships with the library.</summary>
/// <remarks>
/// Not the framework's own tables: those of .NET Framework, where the source generator may run, are many Unicode versions older,
/// and a count made at build time must equal the one made at run time.
/// <para>
/// Two stages: the high bits of a code point choose a block, the low seven a class within it; equal blocks are stored once.
/// The file holds the 8,704 block numbers (little-endian 16 bit), then the blocks. The basic plane, where nearly all text is,
/// is spread out into a table of its own that needs one step.
/// </para>
/// </remarks>
internal static unsafe class CharClasses
{
    public const string File = "unicode_classes.bin";
    public const int BlockBits = 7;
    public const int BlockCount = 0x110000 >> BlockBits;

    private const int BlockMask = (1 << BlockBits) - 1;

    private static readonly byte* Table = EmbeddedData.Locate(File, out _);
    private static readonly byte* Basic = SpreadOut();

    /// <summary>The class of a code unit that is no surrogate.</summary>
    public static CharClass Of(char unit) => (CharClass)Basic[unit];

    /// <summary>The class of a code point, 0 to 0x10FFFF.</summary>
    public static CharClass Of(int codePoint) => codePoint <= char.MaxValue ? (CharClass)Basic[codePoint] : (CharClass)Block(codePoint)[codePoint & BlockMask];

    private static byte* Block(int codePoint)
    {
        var entry = codePoint >> BlockBits << 1;
        return Table + 2 * BlockCount + ((Table[entry] | Table[entry + 1] << 8) << BlockBits);
    }

    private static byte* SpreadOut()
    {
        var basic = NativeMemory.Allocate(char.MaxValue + 1);
        for (var block = 0; block <= char.MaxValue; block += 1 << BlockBits)
        {
            // Eight classes at a time: this runs before the first count, in code that is not optimised yet.
            var from = (ulong*)Block(block);
            var to = (ulong*)(basic + block);
            for (var word = 0; word < 1 << BlockBits >> 3; word++)
                to[word] = from[word];
        }

        return basic;
    }
}
