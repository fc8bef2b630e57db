using System.Runtime.CompilerServices;

namespace TokenBudget.Tokenization;

/// <summary>Counts: splits a text into pieces, and looks up or merges each. Thread-safe.</summary>
/// <remarks>
/// The four parts meet here: <see cref="PreTokenizer"/> (or <c>AsciiBlock</c>, sixty-four characters at a time) says where a piece ends,
/// <see cref="CountCache"/> how many tokens it had when it was last seen, <see cref="Merger"/> how many it has when it was not, with the joins of
/// the <see cref="Vocabulary"/>.
/// </remarks>
internal sealed unsafe class TextCounter
{
    private readonly Vocabulary _vocabulary;
    private readonly PreTokenizer _preTokenizer;
    private readonly MergerPool _mergers;
    private readonly CountCache _cache = new();

    public TextCounter(Vocabulary vocabulary, PreTokenizer preTokenizer, MergerPool mergers)
    {
        _vocabulary = vocabulary;
        _preTokenizer = preTokenizer;
        _mergers = mergers;
    }

    public void Forget() => _cache.Clear();

    /// <summary>Counts the tokens of a text's pieces in order, until the text ends or there are enough.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">Where it ends.</param>
    /// <param name="stop">Only pieces that end before this position are counted.</param>
    /// <param name="limit">Counting may end as soon as there are more tokens than this.</param>
    /// <param name="position">Where the first piece starts that was not counted; the length when all were.</param>
    public long Count(char* text, int length, int stop, int limit, out int position)
    {
        var count = 0L;
        var start = 0;
        while (start < length && count <= limit)
        {
#if NET
            // Two units tell well enough whether a look at sixty-four is worth it.
            if (text[start] < 0x80 && (start + 1 == length || text[start + 1] < 0x80))
            {
                var counted = CountBlock(text, ref start, length, stop);
                if (counted != 0)
                {
                    count += counted;
                    continue;
                }
            }

#endif
            var end = _preTokenizer.PieceEnd(text, start, length);
            if (end >= stop)
                break;

            // A piece that must exceed the limit by its length alone is not worth merging.
            if (count + FewestTokens(end - start) > limit)
                count = limit + 1L;
            else
                count += CountPiece(text, start, end);
            start = end;
        }

        position = start;
        return count;
    }

    /// <summary>The fewest tokens that a number of UTF-16 units can have: one makes at least one byte, half a surrogate pair two.</summary>
    public int FewestTokens(int length) => (int)((length + (_vocabulary.LongestToken - 1L)) / _vocabulary.LongestToken);

    /// <summary>The number of tokens of one piece.</summary>
    public int CountPiece(char* text, int start, int end)
    {
        var length = end - start;
        if (length <= CountCache.MostAscii && CountCache.TryAsciiKey(text + start, length, out var low, out var high))
        {
            var known = _cache.FindAscii(low, high);
            return known != 0 ? known : CountNewAscii(low, high);
        }

        return length <= CountCache.MostUnits ? CountWide(text, start, end) : CountLong(text, start, end);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int CountNewAscii(ulong low, ulong high)
    {
        var length = (int)(high >> 60);
        var ids = stackalloc int[16];
        var joins = stackalloc int[16];
        var previous = 0;
        var bytes = low;
        for (var i = 0; i < length; i++)
        {
            if (i == 8)
                bytes = high;
            var current = (int)bytes & 0x7F;
            bytes >>= 8;
            ids[i] = _vocabulary.OfByte(current);
            if (i > 0)
                joins[i - 1] = _vocabulary.JoinAscii(previous, current);
            previous = current;
        }

        var count = Merger.MergeFew(_vocabulary, ids, joins, length);
        _cache.AddAscii(low, high, count);
        return count;
    }

    private int CountWide(char* text, int start, int end)
    {
        var key = stackalloc ulong[CountCache.MostWords];
        var words = CountCache.WideKey(text + start, end - start, key);
        var count = _cache.Find(key, words);
        if (count == 0)
            _cache.Add(key, words, count = CountNew(text, start, end));
        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int CountNew(char* text, int start, int end)
    {
        var ids = stackalloc int[Merger.MostPerUnit * CountCache.MostUnits];
        var count = Merger.Start(_vocabulary, text, start, end, ids);
        return count <= Merger.Few ? Merger.MergeFew(_vocabulary, ids, count) : CountLong(text, start, end);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int CountLong(char* text, int start, int end)
    {
        if (IsRunOfOneToken(text, start, end, out var id))
            return RunMerger.Count(_vocabulary, id, end - start);

        var merger = _mergers.Rent();
        try
        {
            return merger.Merge(text, start, end);
        }
        finally
        {
            _mergers.Return(merger);
        }
    }

    private bool IsRunOfOneToken(char* text, int start, int end, out int id)
    {
        var character = text[start];
        id = -1;
        for (var i = start + 1; i < end; i++)
            if (text[i] != character)
                return false;

        if (character < 0x80)
            id = _vocabulary.OfByte(character);
        else if ((character & 0xF800) != 0xD800 && !_vocabulary.IsUnsafe(Utf16.LastByte(character), Utf16.FirstByte(character)))
            id = _vocabulary.OfCharacter(character);
        return id >= 0;
    }

#if NET
    [SkipLocalsInit]
    private int CountBlock(char* text, ref int position, int length, int stop)
    {
        AsciiBlock block;
        if (!AsciiBlock.TryRead(text + position, length - position, _preTokenizer.IsO200k, &block))
            return 0;

        var starts = block.Starts;
        // What ends at or behind the stop is not counted: the last start left over is where counting went to.
        if (stop - position < 64)
            starts &= stop > position ? (1UL << (stop - position)) - 1 : 0;
        var start = 0;
        var count = 0;
        while (starts != 0)
        {
            var end = System.Numerics.BitOperations.TrailingZeroCount(starts);
            starts &= starts - 1;
            var size = end - start;
            if (size <= CountCache.MostAscii)
            {
                block.Key(start, size, out var low, out var high);
                var known = _cache.FindAscii(low, high);
                count += known != 0 ? known : CountNewAscii(low, high);
            }
            else
            {
                count += CountPiece(text, position + start, position + end);
            }

            start = end;
        }

        position += start;
        return count;
    }
#endif
}
