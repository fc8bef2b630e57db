using System.Runtime.CompilerServices;

namespace TokenBudget.Tokenization;

/// <summary>Merges a piece of few tokens: the join of smallest rank, the leftmost of equals, until none is left.</summary>
internal static unsafe class ShortMerger
{
    /// <summary>Up to so many, looking through all pairs for the smallest is quicker than keeping a heap of them.</summary>
    public const int Most = 64;

    /// <summary>Merges ids in place.</summary>
    /// <param name="vocabulary">The joins.</param>
    /// <param name="ids">The tokens to start from.</param>
    /// <param name="joins">What each of them and the next join to; the last one has none. As long as <paramref name="ids"/>.</param>
    /// <param name="count">How many there are, 1 to <see cref="Most"/>.</param>
    /// <returns>How many are left.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Merge(Vocabulary vocabulary, int* ids, int* joins, int count)
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

            var at = (int)least & Most - 1;
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
