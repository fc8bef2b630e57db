namespace TokenBudget.Tokenization;

/// <summary>Turns one piece of text into its tokens: UTF-8 bytes first, then the join of smallest rank, leftmost first, until none is left.</summary>
/// <remarks>Holds working memory that is used again for the next piece, so one instance serves one thread at a time.</remarks>
internal sealed unsafe class PieceEncoder
{
    // Below this many bytes, looking through all pairs for the smallest is quicker than keeping a heap of them.
    private const int LongPiece = 128;

    // An instance that has grown beyond this is not kept: one huge piece must not pin its memory for ever.
    private const int LargestKept = 1 << 16;

    private readonly Vocabulary _vocabulary;
    private int[] _ranks = new int[LongPiece];
    private LongPieceMerger? _long;

    public PieceEncoder(Vocabulary vocabulary) => _vocabulary = vocabulary;

    /// <summary>The tokens of the last piece, as many as <see cref="Encode"/> returned.</summary>
    public int[] Ids { get; private set; } = new int[LongPiece];

    public bool MayBeKept => Ids.Length <= LargestKept;

    /// <summary>Encodes one piece into <see cref="Ids"/>.</summary>
    /// <param name="text">The text that holds the piece.</param>
    /// <param name="start">Where the piece starts.</param>
    /// <param name="end">Where it ends.</param>
    /// <returns>How many tokens it has.</returns>
    public int Encode(char* text, int start, int end)
    {
        var count = ToBytes(text, start, end);
        if (count <= LongPiece)
            return Merge(count);

        _long ??= new LongPieceMerger(_vocabulary);
        return _long.Merge(Ids, count);
    }

    private int ToBytes(char* text, int start, int end)
    {
        // Three bytes a unit are always enough: a surrogate pair makes four of two. A long piece is measured first, most text needs far less.
        if (Ids.Length / 3 < end - start)
        {
            var bytes = Utf16.Utf8Length(text, start, end);
            if (Ids.Length < bytes)
                Ids = new int[bytes];
        }

        var ids = Ids;
        var count = 0;
        for (var index = start; index < end;)
        {
            var codePoint = Utf16.Read(text, index, end, out index);
            switch (Utf16.Utf8Length(codePoint))
            {
                case 1:
                    ids[count++] = _vocabulary.OfByte(codePoint);
                    break;
                case 2:
                    ids[count++] = _vocabulary.OfByte(0xC0 | codePoint >> 6);
                    ids[count++] = _vocabulary.OfByte(0x80 | codePoint & 0x3F);
                    break;
                case 3:
                    ids[count++] = _vocabulary.OfByte(0xE0 | codePoint >> 12);
                    ids[count++] = _vocabulary.OfByte(0x80 | codePoint >> 6 & 0x3F);
                    ids[count++] = _vocabulary.OfByte(0x80 | codePoint & 0x3F);
                    break;
                default:
                    ids[count++] = _vocabulary.OfByte(0xF0 | codePoint >> 18);
                    ids[count++] = _vocabulary.OfByte(0x80 | codePoint >> 12 & 0x3F);
                    ids[count++] = _vocabulary.OfByte(0x80 | codePoint >> 6 & 0x3F);
                    ids[count++] = _vocabulary.OfByte(0x80 | codePoint & 0x3F);
                    break;
            }
        }

        return count;
    }

    private int Merge(int count)
    {
        var ids = Ids;
        var ranks = _ranks;

        // ranks[i] is what ids[i] and ids[i + 1] join to.
        for (var i = 0; i < count - 1; i++)
            ranks[i] = _vocabulary.Join(ids[i], ids[i + 1]);

        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i < count - 1; i++)
                if (ranks[i] < ranks[best])
                    best = i;
            if (ranks[best] == Vocabulary.None)
                break;

            ids[best] = ranks[best];
            count--;
            Array.Copy(ids, best + 2, ids, best + 1, count - best - 1);
            Array.Copy(ranks, best + 1, ranks, best, count - best - 1);
            if (best < count - 1)
                ranks[best] = _vocabulary.Join(ids[best], ids[best + 1]);
            if (best > 0)
                ranks[best - 1] = _vocabulary.Join(ids[best - 1], ids[best]);
        }

        return count;
    }
}
