namespace TokenBudget.Tokenization;

/// <summary>Turns one piece of text into its tokens: its bytes or characters first, then the join of smallest rank, leftmost first, until none is left.</summary>
/// <remarks>Holds working memory that is used again for the next piece, so one instance serves one thread at a time.</remarks>
internal sealed unsafe class PieceEncoder
{
    // An instance that has grown beyond this is not kept: one huge piece must not pin its memory for ever.
    private const int LargestKept = 1 << 16;

    private readonly Vocabulary _vocabulary;
    private LongPieceMerger? _long;

    public PieceEncoder(Vocabulary vocabulary) => _vocabulary = vocabulary;

    /// <summary>The tokens of the last piece, as many as <see cref="Encode"/> returned.</summary>
    public int[] Ids { get; private set; } = new int[PieceStart.MostPerUnit * ShortMerger.Most];

    public bool MayBeKept => Ids.Length <= LargestKept;

    /// <summary>Encodes one piece into <see cref="Ids"/>.</summary>
    /// <param name="text">The text that holds the piece.</param>
    /// <param name="start">Where the piece starts.</param>
    /// <param name="end">Where it ends.</param>
    /// <returns>How many tokens it has.</returns>
    public int Encode(char* text, int start, int end)
    {
        // A long piece is measured first, for most text needs far less than three tokens a unit.
        if (Ids.Length / PieceStart.MostPerUnit < end - start)
        {
            var bytes = Utf16.Utf8Length(text, start, end);
            if (Ids.Length < bytes)
                Ids = new int[bytes];
        }

        int count;
        fixed (int* ids = Ids)
        {
            count = PieceStart.Write(_vocabulary, text, start, end, ids);
            if (count <= ShortMerger.Most)
            {
                var joins = stackalloc int[ShortMerger.Most];
                for (var i = 0; i < count - 1; i++)
                    joins[i] = _vocabulary.Join(ids[i], ids[i + 1]);
                return ShortMerger.Merge(_vocabulary, ids, joins, count);
            }
        }

        _long ??= new LongPieceMerger(_vocabulary);
        return _long.Merge(Ids, count);
    }
}
