using System.Runtime.CompilerServices;

namespace TokenBudget.Tokenization;

/// <summary>Remembers how many tokens a piece has, for the pieces seen most recently. Of fixed size; shared by all threads without locks.</summary>
/// <remarks>
/// <para>
/// Text repeats its words, and merging a word takes several times as long as finding its count here. Only the count is kept: whoever wants the ids
/// merges. Nothing is ever evicted by a rule or a clock; a piece has two places beside each other, and a newer one pushes the older into the
/// second. So memory is what it was at the start, 3 MB for each encoding, whatever is counted.
/// </para>
/// <para>
/// An entry holds the whole piece, so that a hit is never a guess. There are three sizes, because most pieces are short and entries of one cache
/// line for all would fit few of them into the processor's caches:
/// </para>
/// <code>
///   up to 15 ASCII characters    2 words    8 bytes | 7 bytes, count (4 bits), length (4 bits)
///   up to 15 UTF-16 units        4 words    4 units | 4 units | 4 units | 3 units, count (8 bits), length (8 bits)
///   up to 31 UTF-16 units        8 words    the same with 31 units
/// </code>
/// <para>
/// A word is 64 bits; the piece is padded with zeros. Longer pieces are merged each time. A count that is 0 means an empty entry.
/// </para>
/// <para>
/// Two threads may write an entry at the same time, and a third read words of both. So the first word is stored xored with a checksum of
/// all the others, which include the count: words that were not written together do not pass for an entry. The checksum's multiplier is
/// chosen at run time, so that no input can be made to collide.
/// </para>
/// </remarks>
internal sealed unsafe class CountCache
{
    /// <summary>The most ASCII characters of a piece that fits an entry of two words: a byte each, the sixteenth is length and count.</summary>
    public const int MostAscii = 15;

    /// <summary>The most UTF-16 units of a piece that fits an entry at all.</summary>
    public const int MostUnits = 31;

    /// <summary>The words of the longest key.</summary>
    public const int MostWords = 8;

    private const int MiddleWords = 4;
    private const ulong First = 0x9E3779B97F4A7C15;
    private const ulong Second = 0xC2B2AE3D27D4EB4F;

    // Entries: 1 MB; 1 MB of up to 15 UTF-16 units; 1 MB of up to 31.
    private const int AsciiBits = 16;
    private const int MiddleBits = 15;
    private const int LongBits = 14;

    private readonly ulong* _ascii = (ulong*)NativeMemory.Allocate(16 << AsciiBits);
    private readonly ulong* _middle = (ulong*)NativeMemory.Allocate(32 << MiddleBits);
    private readonly ulong* _long = (ulong*)NativeMemory.Allocate(64 << LongBits);

    // Where the system put the memory is as good as a random number here.
    private readonly ulong _seed;

    public CountCache() => _seed = ((ulong)_ascii >> 6) * First ^ Second | 1;

    /// <summary>Everything as it was at the start; for measuring.</summary>
    public void Clear()
    {
        for (var i = 0; i < 2 << AsciiBits; i++)
            _ascii[i] = 0;
        for (var i = 0; i < 4 << MiddleBits; i++)
            _middle[i] = 0;
        for (var i = 0; i < 8 << LongBits; i++)
            _long[i] = 0;
    }

    /// <summary>The key of a piece of up to <see cref="MostAscii"/> units, if they are all ASCII.</summary>
    public static bool TryAsciiKey(char* piece, int length, out ulong low, out ulong high)
    {
        low = 0;
        high = (ulong)(uint)length << 60;
        var all = 0;
        var i = 0;
        for (; i < 8 && i < length; i++)
        {
            all |= piece[i];
            low |= (ulong)piece[i] << 8 * i;
        }

        for (; i < length; i++)
        {
            all |= piece[i];
            high |= (ulong)piece[i] << 8 * (i - 8);
        }

        return all < 0x80;
    }

    /// <summary>Writes the key of any piece of up to <see cref="MostUnits"/> units.</summary>
    /// <returns>How many words it has.</returns>
    public static int WideKey(char* piece, int length, ulong* key)
    {
        var words = length <= MostAscii ? MiddleWords : MostWords;
        var whole = length >> 2;
        for (var word = 0; word < whole; word++)
            key[word] = Unaligned((ulong*)piece + word);
        for (var word = whole; word < words; word++)
            key[word] = 0;
        for (var i = whole << 2; i < length; i++)
            key[whole] |= (ulong)piece[i] << 16 * (i & 3);
        key[words - 1] |= (ulong)(uint)length << 56;
        return words;
    }

    /// <summary>The count of a piece of up to 15 ASCII characters, or 0.</summary>
    /// <param name="low">Its first eight bytes.</param>
    /// <param name="high">The others, with its length in the topmost four bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindAscii(ulong low, ulong high)
    {
        var entry = Ascii(low, high);
        var found = entry[1];
        if (((found ^ high) & ~(15UL << 56)) == 0 && (entry[0] ^ found * _seed) == low)
            return (int)(found >> 56) & 15;
        return FindAsciiBeside(low, high);
    }

    public void AddAscii(ulong low, ulong high, int count)
    {
        var entry = Ascii(low, high);
        var older = Beside(entry, _ascii, 2);
        older[0] = entry[0];
        older[1] = entry[1];
        var last = high | (ulong)(uint)count << 56;
        entry[0] = low ^ last * _seed;
        entry[1] = last;
    }

    /// <summary>The count of a piece in words of four UTF-16 units, or 0.</summary>
    /// <param name="key">The piece, padded with zeros, its length in the topmost byte.</param>
    /// <param name="words">How many words it has, as <see cref="WideKey"/> says.</param>
    public int Find(ulong* key, int words)
    {
        var entry = Wide(key, words);
        var count = Match(entry, key, words);
        return count != 0 ? count : Match(Beside(entry, words == MiddleWords ? _middle : _long, words), key, words);
    }

    public void Add(ulong* key, int words, int count)
    {
        var entry = Wide(key, words);
        var older = Beside(entry, words == MiddleWords ? _middle : _long, words);
        var sum = 0UL;
        for (var word = 0; word < words; word++)
        {
            older[word] = entry[word];
            var value = word == words - 1 ? key[word] | (ulong)(uint)count << 48 : key[word];
            if (word > 0)
            {
                entry[word] = value;
                sum = (sum ^ value) * _seed;
            }
        }

        entry[0] = key[0] ^ sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int FindAsciiBeside(ulong low, ulong high)
    {
        var entry = Beside(Ascii(low, high), _ascii, 2);
        var found = entry[1];
        return ((found ^ high) & ~(15UL << 56)) == 0 && (entry[0] ^ found * _seed) == low ? (int)(found >> 56) & 15 : 0;
    }

    private int Match(ulong* entry, ulong* key, int words)
    {
        var sum = 0UL;
        for (var word = 1; word < words - 1; word++)
        {
            if (entry[word] != key[word])
                return 0;
            sum = (sum ^ key[word]) * _seed;
        }

        var last = entry[words - 1];
        if (((last ^ key[words - 1]) & ~(255UL << 48)) != 0)
            return 0;
        sum = (sum ^ last) * _seed;
        return (entry[0] ^ sum) == key[0] ? (int)(last >> 48) & 255 : 0;
    }

    /// <summary>The first of the two places of a piece of two words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong* Ascii(ulong low, ulong high) => _ascii + (low * First + high * Second >> 64 - AsciiBits << 1);

    /// <summary>The first of the two places of a piece of more words.</summary>
    internal ulong* Wide(ulong* key, int words)
    {
        var hash = 0UL;
        for (var word = 0; word < words; word++)
            hash = (hash ^ key[word]) * First + (hash >> 29);
        return words == MiddleWords ? _middle + (hash >> 64 - MiddleBits << 2) : _long + (hash >> 64 - LongBits << 3);
    }

    // Entries lie in pairs; the table starts at a cache line, so the two of a pair are neighbours whose numbers differ in the last bit.
    private static ulong* Beside(ulong* entry, ulong* table, int words) => table + (entry - table ^ words);

    private static ulong Unaligned(ulong* address) =>
#if NET
        Unsafe.ReadUnaligned<ulong>(address);
#else
        *address;
#endif
}
