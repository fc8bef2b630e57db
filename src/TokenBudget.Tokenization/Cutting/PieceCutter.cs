namespace TokenBudget.Tokenization;

/// <summary>Finds the places in an encoded piece where a token and a character end together.</summary>
internal readonly unsafe ref struct PieceCutter
{
    private readonly Vocabulary _vocabulary;
    private readonly int[] _ids;
    private readonly int _count;
    private readonly char* _text;
    private readonly int _start;
    private readonly int _end;

    public PieceCutter(Vocabulary vocabulary, int[] ids, int count, char* text, int start, int end)
    {
        _vocabulary = vocabulary;
        _ids = ids;
        _count = count;
        _text = text;
        _start = start;
        _end = end;
    }

    /// <summary>The last such place that has at most so many of the piece's tokens before it.</summary>
    /// <param name="most">The number of tokens, 0 or more.</param>
    /// <param name="furthest">No place behind this position will do.</param>
    /// <param name="before">How many are before it.</param>
    /// <returns>A position in the text, from the start of the piece.</returns>
    public int Last(int most, int furthest, out int before)
    {
        var (cut, kept) = (_start, 0);
        Walk walk = new(_start);
        for (var token = 0; token < _count && token < most; token++)
            if (Step(ref walk, token) && walk.Index <= furthest)
                (cut, kept) = (walk.Index, token + 1);

        before = kept;
        return cut;
    }

    /// <summary>The first such place that has at least so many of the piece's tokens before it.</summary>
    /// <param name="fewest">The number of tokens, up to all of them.</param>
    /// <param name="nearest">No place before this position will do.</param>
    /// <param name="before">How many are before it.</param>
    /// <returns>A position in the text, up to the end of the piece.</returns>
    public int First(int fewest, int nearest, out int before)
    {
        before = 0;
        Walk walk = new(_start);
        for (var token = 0; token < _count; token++)
        {
            var whole = Step(ref walk, token);
            before = token + 1;
            if (whole && before >= fewest && walk.Index >= nearest)
                return walk.Index;
        }

        return _end;
    }

    /// <summary>Moves over one token, and over every character that starts within it.</summary>
    /// <returns>Whether the two end together.</returns>
    private bool Step(ref Walk walk, int token)
    {
        walk.TokenBytes += _vocabulary.LengthOf(_ids[token]);
        while (walk.TextBytes < walk.TokenBytes)
            walk.TextBytes += Utf16.Utf8Length(Utf16.Read(_text, walk.Index, _end, out walk.Index));
        return walk.TextBytes == walk.TokenBytes;
    }

    private struct Walk(int index)
    {
        public int Index = index;
        public int TextBytes;
        public int TokenBytes;
    }
}
