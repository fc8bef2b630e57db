using System.Runtime.CompilerServices;

namespace TokenBudget.Tokenization;

/// <summary>Merges: turns one piece of a text into its tokens.</summary>
/// <remarks>
/// <para>
/// Byte pair encoding is one rule. Write the piece as a row of tokens, a token for each byte. Among all neighbours that join to a token of the
/// <see cref="Vocabulary"/>, join the two whose token has the smallest rank, the leftmost of equals; again, until no neighbours join. What is
/// left are the tokens of the piece:
/// </para>
/// <code>
///   t  o  k  e  n  s        (t,o) (o,k) (k,e) (e,n) (n,s): the smallest rank has en
///   t  o  k  en  s          now (k,en) and (en,s) are asked for; the others stay what they were; (t,o)
///   to  k  en  s
///   ...
///   tokens
/// </code>
/// <para>
/// A join changes two neighbours only, so the ranks of all pairs are kept and two are looked up anew. What takes the time is finding the smallest.
/// There are three ways, which all give the same tokens:
/// </para>
/// <list type="bullet">
/// <item>up to 64 tokens, which is nearly every piece, in an array that is looked through each time and moved up (<see cref="MergeFew(Vocabulary, int*, int*, int)"/>);</item>
/// <item>more of them, with a heap and a linked list, in n log n steps (<see cref="LongMerger"/>);</item>
/// <item>one character repeated, without writing it down, in log n steps (<see cref="RunMerger"/>).</item>
/// </list>
/// <para>
/// Merging may start from whole characters instead of bytes where no token can draw one apart: <see cref="Vocabulary"/> says why and where, and
/// <see cref="Start"/> does it. A Chinese character is one token to start from then, not three.
/// </para>
/// <para>An instance holds working memory that is used again for the next piece, so it serves one thread at a time; see <see cref="MergerPool"/>.</para>
/// </remarks>
internal sealed unsafe class Merger
{
    /// <summary>Up to so many tokens, looking through all pairs for the smallest is quicker than keeping a heap of them.</summary>
    public const int Few = 64;

    /// <summary>The most tokens a UTF-16 unit starts with: a character of the basic plane has three bytes at most, a surrogate pair four.</summary>
    public const int MostPerUnit = 3;

    // An instance that has grown beyond this is not kept: one huge piece must not pin its memory for ever.
    private const int LargestKept = 1 << 16;

    private readonly Vocabulary _vocabulary;
    private LongMerger? _long;

    public Merger(Vocabulary vocabulary) => _vocabulary = vocabulary;

    /// <summary>The tokens of the last piece, as many as <see cref="Merge"/> returned.</summary>
    public int[] Ids { get; private set; } = new int[MostPerUnit * Few];

    public bool MayBeKept => Ids.Length <= LargestKept;

    /// <summary>Merges one piece into <see cref="Ids"/>.</summary>
    /// <param name="text">The text that holds the piece.</param>
    /// <param name="start">Where the piece starts.</param>
    /// <param name="end">Where it ends.</param>
    /// <returns>How many tokens it has.</returns>
    public int Merge(char* text, int start, int end)
    {
        // A long piece is measured first, for most text needs far less than three tokens a unit.
        if (Ids.Length / MostPerUnit < end - start)
        {
            var bytes = Utf16.Utf8Length(text, start, end);
            if (Ids.Length < bytes)
                Ids = new int[bytes];
        }

        int count;
        fixed (int* ids = Ids)
        {
            count = Start(_vocabulary, text, start, end, ids);
            if (count <= Few)
                return MergeFew(_vocabulary, ids, count);
        }

        _long ??= new LongMerger(_vocabulary);
        return _long.Merge(Ids, count);
    }

    /// <summary>Writes the tokens that the merge of a piece starts from: bytes, and whole characters where that is safe.</summary>
    /// <returns>How many there are, at most <see cref="MostPerUnit"/> for each unit.</returns>
    public static int Start(Vocabulary vocabulary, char* text, int start, int end, int* ids)
    {
        var to = ids;
        var previousLast = -1;
        for (var index = start; index < end;)
        {
            if (text[index] < 0x80)
            {
                previousLast = text[index++];
                *to++ = vocabulary.OfByte(previousLast);
                continue;
            }

            var codePoint = Utf16.Read(text, index, end, out index);
            var first = Utf16.FirstByte(codePoint);
            var isWhole = codePoint <= char.MaxValue
                && (previousLast < 0 || !vocabulary.IsUnsafe(previousLast, first))
                && (index >= end || !vocabulary.IsUnsafe(Utf16.LastByte(codePoint), Utf16.FirstByte(Utf16.Read(text, index, end, out _))));
            var token = isWhole ? vocabulary.OfCharacter((char)codePoint) : -1;
            if (token >= 0)
            {
                *to++ = token;
            }
            else
            {
                *to++ = vocabulary.OfByte(first);
                for (var shift = 6 * (Utf16.Utf8Length(codePoint) - 2); shift >= 0; shift -= 6)
                    *to++ = vocabulary.OfByte(0x80 | codePoint >> shift & 0x3F);
            }

            previousLast = Utf16.LastByte(codePoint);
        }

        return (int)(to - ids);
    }

    /// <summary>Merges ids in place.</summary>
    /// <param name="vocabulary">The joins.</param>
    /// <param name="ids">The tokens to start from.</param>
    /// <param name="count">How many there are, 1 to <see cref="Few"/>.</param>
    /// <returns>How many are left.</returns>
    public static int MergeFew(Vocabulary vocabulary, int* ids, int count)
    {
        var joins = stackalloc int[Few];
        for (var i = 0; i < count - 1; i++)
            joins[i] = vocabulary.Join(ids[i], ids[i + 1]);
        return MergeFew(vocabulary, ids, joins, count);
    }

    /// <summary>Merges ids in place whose joins are known.</summary>
    /// <param name="vocabulary">The joins.</param>
    /// <param name="ids">The tokens to start from.</param>
    /// <param name="joins">What each of them and the next join to; the last one has none. As long as <paramref name="ids"/>.</param>
    /// <param name="count">How many there are, 1 to <see cref="Few"/>.</param>
    /// <returns>How many are left.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int MergeFew(Vocabulary vocabulary, int* ids, int* joins, int count)
    {
        var pairs = count - 1;
        while (pairs > 0)
        {
            // Rank and place in one number: the least is the leftmost pair of smallest rank.
            var least = long.MaxValue;
            for (var i = 0; i < pairs; i++)
                least = Math.Min(least, (long)joins[i] << 6 | (uint)i);
            var joined = (int)(least >> 6);
            if (joined == Vocabulary.None)
                break;

            var at = (int)least & Few - 1;
            for (var i = at + 1; i < pairs; i++)
            {
                ids[i] = ids[i + 1];
                joins[i - 1] = joins[i];
            }

            pairs--;
            ids[at] = joined;
            if (at < pairs)
                joins[at] = vocabulary.Join(joined, ids[at + 1]);
            if (at > 0)
                joins[at - 1] = vocabulary.Join(ids[at - 1], joined);
        }

        return pairs + 1;
    }
}
