namespace TokenBudget.Tokenization;

/// <summary>The class of every code point, from a table that ships with the library.</summary>
/// <remarks>
/// Not the framework's own tables: those of .NET Framework, where the source generator may run, are many Unicode versions older,
/// and a count made at build time must equal the one made at run time.
/// <para>
/// Two stages: the high bits of a code point choose a block, the low seven a class within it; equal blocks are stored once.
/// The file holds the 8,704 block numbers (little-endian 16 bit), then the blocks.
/// </para>
/// </remarks>
internal static class CharClasses
{
    public const string File = "unicode_classes.bin";
    public const int BlockBits = 7;
    public const int BlockCount = 0x110000 >> BlockBits;

    private const int BlockMask = (1 << BlockBits) - 1;

    private static readonly byte[] Table = EmbeddedData.Read(File);

    /// <summary>The class of a code point, 0 to 0x10FFFF.</summary>
    public static CharClass Of(int codePoint)
    {
        var entry = codePoint >> BlockBits << 1;
        var block = Table[entry] | Table[entry + 1] << 8;
        return (CharClass)Table[2 * BlockCount + (block << BlockBits) + (codePoint & BlockMask)];
    }
}
