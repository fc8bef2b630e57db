namespace TokenBudget.Caching;

/// <summary>What comparing questions by meaning did since the process started.</summary>
public sealed record SimilarityStatistics
{
    /// <summary>Calls answered with the answer to a similar question. They are among the <see cref="ResponseCacheStatistics.Hits"/> of the cache too.</summary>
    public long Hits { get; init; }

    /// <summary>Calls for which no question was near enough.</summary>
    public long Misses { get; init; }

    /// <summary>Calls for which a question was near enough, but differed in a number, a negation, a name or another word that decides.</summary>
    public long Guarded { get; init; }

    /// <summary>Requests for an embedding.</summary>
    public long Embeddings { get; init; }

    /// <summary>Of these, those that failed, took too long or gave no usable vector; and those that no budget had room for. Their calls did not fail.</summary>
    public long Failures { get; init; }

    /// <summary>Whether no embeddings are asked for now, after failures in a row.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Questions remembered.</summary>
    public int Entries { get; init; }

    /// <summary>Their bytes, embeddings included.</summary>
    public long Bytes { get; init; }
}
