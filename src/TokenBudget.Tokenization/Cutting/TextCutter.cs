namespace TokenBudget.Tokenization;

/// <summary>Cuts a text after or before so many tokens, where a token and a character end together. Thread-safe; allocates nothing.</summary>
/// <remarks>
/// The cut lies in a piece that is found by counting; inside it a <see cref="PieceCutter"/> looks for the place. A place within a combining
/// sequence is given up for the next one outside, as long as there is one nearby (<see cref="CombiningSequences"/>).
/// </remarks>
internal sealed unsafe class TextCutter
{
    // How often a cut is moved out of a combining sequence before it is left where it was.
    private const int MostTries = 8;

    // A power of two.
    private const int MostMarks = 512;

    private readonly Vocabulary _vocabulary;
    private readonly PreTokenizer _preTokenizer;
    private readonly MergerPool _mergers;
    private readonly TextCounter _counter;

    public TextCutter(Vocabulary vocabulary, PreTokenizer preTokenizer, MergerPool mergers, TextCounter counter)
    {
        _vocabulary = vocabulary;
        _preTokenizer = preTokenizer;
        _mergers = mergers;
        _counter = counter;
    }

    /// <inheritdoc cref="Tokenizer.GetIndexByTokenCount(string, int, out int)"/>
    public int FromStart(char* text, int length, int maxTokenCount, out int tokenCount)
    {
        Tokenizer.RequireNotNegative(maxTokenCount, nameof(maxTokenCount));
        var index = LastIndex(text, length, maxTokenCount, length, out tokenCount);
        for (var (at, tokens, tries) = (index, tokenCount, 0); tries < MostTries; tries++)
        {
            var furthest = CombiningSequences.Before(text, at, length);
            if (furthest == at)
            {
                tokenCount = tokens;
                return at;
            }

            at = LastIndex(text, length, maxTokenCount, furthest, out tokens);
        }

        return index;
    }

    /// <inheritdoc cref="Tokenizer.GetIndexByTokenCountFromEnd(string, int, out int)"/>
    public int FromEnd(char* text, int length, int maxTokenCount, out int tokenCount)
    {
        Tokenizer.RequireNotNegative(maxTokenCount, nameof(maxTokenCount));
        var index = FirstIndex(text, length, maxTokenCount, 0, out tokenCount);
        for (var (at, tokens, tries) = (index, tokenCount, 0); tries < MostTries; tries++)
        {
            var nearest = CombiningSequences.After(text, at, length);
            if (nearest == at)
            {
                tokenCount = tokens;
                return at;
            }

            at = FirstIndex(text, length, maxTokenCount, nearest, out tokens);
        }

        return index;
    }

    private int LastIndex(char* text, int length, int maxTokenCount, int furthest, out int tokenCount)
    {
        tokenCount = 0;
        for (int start = 0, end; start < length; start = end)
        {
            end = _preTokenizer.PieceEnd(text, start, length);
            var count = _counter.CountPiece(text, start, end);
            if (count > maxTokenCount - tokenCount || end > furthest)
            {
                var cut = Cut(text, start, end, maxTokenCount - tokenCount, furthest, fromEnd: false, out var kept);
                tokenCount += kept;
                return cut;
            }

            tokenCount += count;
        }

        return length;
    }

    /// <summary>The first place with at most so many tokens behind it, none before <paramref name="nearest"/>.</summary>
    /// <remarks>
    /// Where pieces lie is only known from the start of a text, but merging, the dear part, is done for the last ones only. So a first pass splits
    /// the text and marks the start of every so manieth piece; from the last mark on back, stretches are counted until one does not fit; and
    /// that one is walked through piece by piece.
    /// </remarks>
    private int FirstIndex(char* text, int length, int maxTokenCount, int nearest, out int tokenCount)
    {
        var marks = stackalloc int[MostMarks];
        tokenCount = 0;
        var end = length;
        for (var mark = Mark(text, length, marks) - 1; mark >= 0; mark--)
        {
            var start = marks[mark];
            var count = _counter.Count(text + start, length - start, stop: end - start + 1, int.MaxValue, out _);
            if (count > maxTokenCount - tokenCount || start < nearest)
            {
                var cut = FirstIndex(text, start, length, Math.Max(0, count - (maxTokenCount - tokenCount)), nearest, out var dropped);
                tokenCount += (int)(count - dropped);
                return cut;
            }

            tokenCount += (int)count;
            end = start;
        }

        return 0;
    }

    /// <summary>The first place behind a start of a piece with at least so many tokens between, none before <paramref name="nearest"/>.</summary>
    private int FirstIndex(char* text, int start, int length, long fewest, int nearest, out long dropped)
    {
        dropped = 0;
        for (int end; start < length && (dropped < fewest || start < nearest); start = end)
        {
            end = _preTokenizer.PieceEnd(text, start, length);
            var count = _counter.CountPiece(text, start, end);
            if (dropped + count >= fewest && end >= nearest)
            {
                var cut = Cut(text, start, end, (int)Math.Max(0, fewest - dropped), nearest, fromEnd: true, out var before);
                dropped += before;
                return cut;
            }

            dropped += count;
        }

        return start;
    }

    /// <summary>Writes where pieces start: of every one, of every second, fourth and so on, so that there are never more than <see cref="MostMarks"/>.</summary>
    /// <returns>How many there are. The first is the start of the text.</returns>
    private int Mark(char* text, int length, int* marks)
    {
        var (marked, stride) = (0, 1);
        for (var (start, piece) = (0, 0); start < length; start = _preTokenizer.PieceEnd(text, start, length), piece++)
        {
            if ((piece & stride - 1) != 0)
                continue;

            if (marked == MostMarks)
            {
                for (marked = 0; marked < MostMarks / 2; marked++)
                    marks[marked] = marks[2 * marked];
                stride *= 2;
            }

            marks[marked++] = start;
        }

        return marked;
    }

    private int Cut(char* text, int start, int end, int tokens, int bound, bool fromEnd, out int before)
    {
        var merger = _mergers.Rent();
        try
        {
            var count = merger.Merge(text, start, end);
            var cutter = new PieceCutter(_vocabulary, merger.Ids, count, text, start, end);
            return fromEnd ? cutter.First(tokens, bound, out before) : cutter.Last(tokens, bound, out before);
        }
        finally
        {
            _mergers.Return(merger);
        }
    }
}
