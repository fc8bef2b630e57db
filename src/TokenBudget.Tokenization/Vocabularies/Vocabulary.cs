using System.Runtime.CompilerServices;

namespace TokenBudget.Tokenization;

/// <summary>The tokens of one encoding, as the joins that make them.</summary>
/// <remarks>
/// <para>
/// An encoding is published as a list of byte strings; the place in the list is both the token's id and its rank. Merging with that list means
/// looking up byte strings. This table needs none of them. A token is one byte (ids 0 to 255) or the join of two tokens with smaller ids, and
/// which two is fixed: whatever surrounds the bytes of a token, until they are one token they are merged among themselves only, in the same order
/// as if they stood alone. So "this pair of ids makes that id" says everything the byte strings say. An id is also the rank of its join: the
/// smaller, the earlier.
/// </para>
/// <para>
/// For the same reason a whole character may go into a merge as the token it is, unless its bytes could be drawn apart by a token that holds
/// only a part of it. Such tokens exist (byte pair encoding knows no characters), and each of them holds two bytes with the boundary of two
/// characters between them: the file lists all such byte pairs, and where one of them occurs, both characters go in as bytes.
/// </para>
/// <para>
/// In memory the joins are a hash table with open addressing, more than half of it empty, for most pairs that are asked for make no token: a
/// slot is one word of 64 bits, so an answer usually takes one read (4 MB for o200k_base). It is built when the encoding is first asked for, in
/// three to four milliseconds, most of which the system takes to hand out the memory. A file laid out as the table would save them, but was
/// measured to be half as large again in a package, or slower to search where it was packed as tightly as now.
/// </para>
/// <para>
/// File, all numbers little-endian and 32 bit: how many tokens, how long the longest is, how many unsafe byte pairs; then the 256 bytes that
/// ids 0 to 255 stand for; for all joins the low, middle and high bytes of the left ids and the same of the right ids, each as a block of its own
/// because like beside like compresses better; the unsafe pairs, two bytes each.
/// </para>
/// <para>Thread-safe: after loading only <see cref="OfCharacter"/> and <see cref="LengthOf"/> write, and always the same.</para>
/// </remarks>
internal sealed unsafe class Vocabulary
{
    /// <summary>What <see cref="Join"/> answers for a pair that makes no token: larger than every id.</summary>
    public const int None = int.MaxValue;

    private const int IdBits = 18;
    private const int IdMask = (1 << IdBits) - 1;
    private const int ByteCount = 256;
    private const int Header = 12 + ByteCount;
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    // A character that is not one token.
    private const int NoToken = -1;

    private readonly byte* _file;
    private readonly int _joins;
    private readonly int* _idOfByte;

    // Open addressing with linear probing. A slot is left (18 bits), right (18 bits), joined (18 bits); 0 is empty, for no join makes id 0.
    private readonly ulong* _slots;
    private readonly int _shift;
    private readonly int _mask;

    // What two ASCII characters join to, or None: the first look at nearly every pair of a text.
    private readonly int* _asciiJoins;

    // The token of every character of the basic plane: 0 not looked up yet, NoToken, or the id.
    private readonly int* _characters;

    // A bit for every pair of bytes.
    private readonly uint* _unsafePairs;
    private byte[]? _lengths;

    private Vocabulary(string file)
    {
        _file = EmbeddedData.Locate(file, out var size);
        Count = *(int*)_file;
        LongestToken = *(int*)(_file + 4);
        var unsafePairs = *(int*)(_file + 8);
        _joins = Count - ByteCount;
        if (size != Header + 6 * _joins + 2 * unsafePairs || Count > 1 << IdBits)
            throw Damaged(file, Count, size);

        _idOfByte = (int*)NativeMemory.Allocate(sizeof(int) * ByteCount);
        for (var id = 0; id < ByteCount; id++)
            _idOfByte[_file[12 + id]] = id;

        // The smallest power of two that leaves more than half of the slots empty.
        var bits = 1;
        while (1 << bits < 2 * _joins)
            bits++;
        _shift = 64 - bits;
        _mask = (1 << bits) - 1;
        _slots = (ulong*)NativeMemory.Allocate(sizeof(ulong) << bits);

        _asciiJoins = (int*)NativeMemory.Allocate(sizeof(int) << 14);
        Fill(_slots, _mask, _shift, _file, _joins, _asciiJoins);

        _characters = (int*)NativeMemory.Allocate(sizeof(int) * (char.MaxValue + 1));
        _unsafePairs = (uint*)NativeMemory.Allocate(1 << 13);
        for (var pair = _file + Header + 6 * _joins; unsafePairs-- > 0; pair += 2)
            _unsafePairs[pair[0] << 3 | pair[1] >> 5] |= 1u << (pair[1] & 31);
    }

    /// <summary>The number of tokens; ids are 0 to this minus one.</summary>
    public int Count { get; }

    /// <summary>The bytes of the longest token: a piece of n bytes has at least n divided by this many tokens.</summary>
    public int LongestToken { get; }

    public static Vocabulary Load(string encoding) => new(encoding + ".bin");

    public int OfByte(int value) => _idOfByte[value];

    /// <summary>The token of a two- or three-byte character of the basic plane; negative where it is not one token.</summary>
    public int OfCharacter(char character)
    {
        var known = _characters[character];
        return known != 0 ? known : _characters[character] = Find(character);
    }

    /// <summary>Whether a token may hold only a part of one of two characters, of which the first ends and the second starts with these bytes.</summary>
    public bool IsUnsafe(int last, int first) => (_unsafePairs[last << 3 | first >> 5] >> (first & 31) & 1) != 0;

    /// <summary>The id that two neighbouring tokens are merged into, or <see cref="None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Join(int left, int right)
    {
        var key = Key(left, right);
        for (var slot = (int)(key * Multiplier >> _shift); ; slot = slot + 1 & _mask)
        {
            var found = _slots[slot];
            if (found == 0)
                return None;
            if (found >> IdBits == key)
                return (int)found & IdMask;
        }
    }

    /// <summary><see cref="Join"/> of two ASCII characters.</summary>
    public int JoinAscii(int left, int right) => _asciiJoins[left << 7 | right];

    /// <summary>How many bytes a token stands for.</summary>
    public int LengthOf(int id) => (_lengths ??= MeasureAll())[id];

    /// <summary>Writes the bytes of a token, which need not be whole characters.</summary>
    /// <returns>The position after them.</returns>
    public int CopyBytes(int id, byte[] destination, int at)
    {
        // Left by recursion, right by going on: joins nest at most as deep as a token has bytes.
        while (id >= ByteCount)
        {
            at = CopyBytes(Part(id, 0), destination, at);
            id = Part(id, 3);
        }

        destination[at] = _file[12 + id];
        return at + 1;
    }

    private static ulong Key(int left, int right) => (ulong)left << IdBits | (uint)right;

    // The part of 200,000 steps of a load: static and on locals, so that the unoptimised code of a first call is not slow either.
#if NET
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
#endif
    private static void Fill(ulong* slots, int mask, int shift, byte* file, int count, int* asciiJoins)
    {
        var joins = file + Header;
        var bytes = file + 12;

        // The system hands out fresh memory page by page as it is touched, in order twice as quickly as at random.
        for (var slot = 0; slot <= mask; slot += 512)
            slots[slot] = 0;
        for (var pair = 0; pair < 1 << 14; pair++)
            asciiJoins[pair] = None;

        for (var join = 0; join < count; join++)
        {
            var at = joins + join;
            var left = at[0] | at[count] << 8 | at[2 * count] << 16;
            var right = at[3 * count] | at[4 * count] << 8 | at[5 * count] << 16;
            var key = (ulong)left << IdBits | (uint)right;
            var slot = (int)(key * Multiplier >> shift);
            while (slots[slot] != 0)
                slot = slot + 1 & mask;
            slots[slot] = key << IdBits | (uint)(join + ByteCount);
            if ((left | right) < ByteCount && (bytes[left] | bytes[right]) < 128)
                asciiJoins[bytes[left] << 7 | bytes[right]] = join + ByteCount;
        }
    }

    private int Part(int id, int plane)
    {
        var at = _file + Header + id - ByteCount + plane * _joins;
        return at[0] | at[_joins] << 8 | at[2 * _joins] << 16;
    }

    private int Find(char character)
    {
        if (character < 0x800)
            return TokenOrNone(Join(OfByte(0xC0 | character >> 6), OfByte(0x80 | character & 0x3F)));

        var first = OfByte(0xE0 | character >> 12);
        var second = OfByte(0x80 | character >> 6 & 0x3F);
        var third = OfByte(0x80 | character & 0x3F);
        var (head, tail) = (Join(first, second), Join(second, third));
        return head == None && tail == None ? NoToken : TokenOrNone(head < tail ? Join(head, third) : Join(first, tail));
    }

    // Apart, as what is never run should not be compiled before the first count either.
    private static InvalidDataException Damaged(string file, int count, int size) =>
        new($"'{file}' says {count} tokens, which does not fit its {size} bytes.");

    private static int TokenOrNone(int id) => id == None ? NoToken : id;

    private byte[] MeasureAll()
    {
        var lengths = new byte[Count];
        for (var id = 0; id < Count; id++)
            lengths[id] = id < ByteCount ? (byte)1 : checked((byte)(lengths[Part(id, 0)] + lengths[Part(id, 3)]));
        return lengths;
    }
}
