namespace TokenBudget.Tokenization;

/// <summary>The tokens of one encoding, as the joins that make them. Immutable.</summary>
/// <remarks>
/// A token is one byte (ids 0 to 255) or the join of two tokens with smaller ids. Which two is fixed: whatever surrounds the bytes of
/// a token, until they are one token they are merged among themselves only, in the same order as if they stood alone. So the table
/// "this pair of ids makes that id" says everything a table of byte strings says, and merging never touches bytes.
/// An id is also the rank of its join: the smaller, the earlier.
/// <para>
/// File: the number of tokens (little-endian, 32 bit), the 256 bytes that ids 0 to 255 stand for, then for all joins the low, middle and
/// high bytes of the left ids and the same of the right ids, each as a block of its own because like beside like compresses better.
/// </para>
/// </remarks>
internal sealed class Vocabulary
{
    /// <summary>What <see cref="Join"/> answers for a pair that makes no token: larger than every id.</summary>
    public const int None = int.MaxValue;

    private const int IdBits = 18;
    private const int ByteCount = 256;
    private const ulong Empty = ulong.MaxValue;

    private readonly int[] _idOfByte = new int[ByteCount];
    private readonly byte[] _byteOfId = new byte[ByteCount];
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly byte[] _length;

    // Open addressing with linear probing. A slot is left (18 bits), right (18 bits), joined (18 bits).
    private readonly ulong[] _slots;
    private readonly int _shift;

    private Vocabulary(byte[] file)
    {
        Count = file[0] | file[1] << 8 | file[2] << 16 | file[3] << 24;
        var joins = Count - ByteCount;
        if (file.Length != 4 + ByteCount + 6 * joins || Count > 1 << IdBits)
            throw new InvalidDataException($"The vocabulary says {Count} tokens, which does not fit its {file.Length} bytes.");

        _left = new int[Count];
        _right = new int[Count];
        _length = new byte[Count];
        for (var id = 0; id < ByteCount; id++)
        {
            _byteOfId[id] = file[4 + id];
            _idOfByte[file[4 + id]] = id;
            _length[id] = 1;
        }

        // The smallest power of two that leaves more than half of the slots empty.
        var bits = 1;
        while (1 << bits < 2 * joins)
            bits++;
        _shift = 64 - bits;
        _slots = new ulong[1 << bits];
        for (var slot = 0; slot < _slots.Length; slot++)
            _slots[slot] = Empty;

        for (int id = ByteCount, at = 4 + ByteCount; id < Count; id++, at++)
        {
            var left = file[at] | file[at + joins] << 8 | file[at + 2 * joins] << 16;
            var right = file[at + 3 * joins] | file[at + 4 * joins] << 8 | file[at + 5 * joins] << 16;
            _left[id] = left;
            _right[id] = right;
            _length[id] = checked((byte)(_length[left] + _length[right]));
            LongestToken = Math.Max(LongestToken, _length[id]);

            var key = Key(left, right);
            var slot = Home(key);
            while (_slots[slot] != Empty)
                slot = slot + 1 & _slots.Length - 1;
            _slots[slot] = key << IdBits | (uint)id;
        }
    }

    /// <summary>The number of tokens; ids are 0 to this minus one.</summary>
    public int Count { get; }

    /// <summary>The bytes of the longest token: a piece of n bytes has at least n divided by this many tokens.</summary>
    public int LongestToken { get; } = 1;

    public static Vocabulary Load(string encoding) => new(EmbeddedData.Read(encoding + ".bin"));

    public int OfByte(int value) => _idOfByte[value];

    /// <summary>The id that two neighbouring tokens are merged into, or <see cref="None"/>.</summary>
    public int Join(int left, int right)
    {
        var key = Key(left, right);
        for (var slot = Home(key); ; slot = slot + 1 & _slots.Length - 1)
        {
            var found = _slots[slot];
            if (found >> IdBits == key)
                return (int)(found & (1 << IdBits) - 1);
            if (found == Empty)
                return None;
        }
    }

    /// <summary>How many bytes a token stands for.</summary>
    public int LengthOf(int id) => _length[id];

    /// <summary>Writes the bytes of a token, which need not be whole characters.</summary>
    /// <returns>The position after them.</returns>
    public int CopyBytes(int id, byte[] destination, int at)
    {
        // Left by recursion, right by going on: joins nest at most as deep as a token has bytes.
        while (id >= ByteCount)
        {
            at = CopyBytes(_left[id], destination, at);
            id = _right[id];
        }

        destination[at] = _byteOfId[id];
        return at + 1;
    }

    private static ulong Key(int left, int right) => (ulong)left << IdBits | (uint)right;

    // Fibonacci hashing: one multiplication, the high bits are well mixed.
    private int Home(ulong key) => (int)(key * 0x9E3779B97F4A7C15 >> _shift);
}
