namespace TokenBudget.Tokenization.Tests;

/// <summary>Byte pair merging as its definition reads, over the bytes themselves (one Latin-1 character a byte). Quadratic.</summary>
internal static class ReferenceMerge
{
    /// <summary>Merges neighbours, the pair whose concatenation has the smallest rank first and the leftmost of equals, while there is one.</summary>
    /// <param name="bytes">The bytes of one piece.</param>
    /// <param name="ranks">The rank of every token.</param>
    /// <param name="below">Only ranks smaller than this merge.</param>
    public static List<string> Merge(string bytes, Dictionary<string, int> ranks, int below = int.MaxValue)
    {
        var lookup = ranks.GetAlternateLookup<ReadOnlySpan<char>>();
        var starts = Enumerable.Range(0, bytes.Length + 1).ToList();
        while (starts.Count > 2)
        {
            var best = (Rank: below, At: -1);
            for (var i = 0; i + 2 < starts.Count; i++)
                if (lookup.TryGetValue(bytes.AsSpan(starts[i]..starts[i + 2]), out var rank) && rank < best.Rank)
                    best = (rank, i);
            if (best.At < 0)
                break;
            starts.RemoveAt(best.At + 1);
        }

        var parts = new List<string>();
        for (var i = 0; i + 1 < starts.Count; i++)
            parts.Add(bytes[starts[i]..starts[i + 1]]);
        return parts;
    }
}
