namespace TokenBudget.Caching;

/// <summary>What a cache did since it was made, and what it holds now. All numbers are taken at one instant.</summary>
public sealed record ResponseCacheStatistics
{
    /// <summary>Calls answered from the cache.</summary>
    public long Hits { get; init; }

    /// <summary>Calls that made their answer.</summary>
    public long Misses { get; init; }

    /// <summary>Calls that got an answer another call was making.</summary>
    public long Shared { get; init; }

    /// <summary>Answers put into the cache.</summary>
    public long Stored { get; init; }

    /// <summary>Answers that went to make room.</summary>
    public long Evicted { get; init; }

    /// <summary>Answers found too old.</summary>
    public long Expired { get; init; }

    /// <summary>Answers not kept because they were not complete, or larger than the whole cache.</summary>
    public long Rejected { get; init; }

    /// <summary>Answers that could not be written or read as JSON. Their calls did not fail.</summary>
    public long Failures { get; init; }

    /// <summary>Calls that got an answer past its time because no new one could be made.</summary>
    public long Stale { get; init; }

    /// <summary>Input tokens the hits did not pay for, as the stored answers report them.</summary>
    public long AvoidedInputTokens { get; init; }

    /// <summary>Output tokens the hits did not pay for, as the stored answers report them.</summary>
    public long AvoidedOutputTokens { get; init; }

    /// <summary>Of the hits, those the second level answered.</summary>
    public long SecondLevelHits { get; init; }

    /// <summary>Times the second level failed or took too long.</summary>
    public long SecondLevelFailures { get; init; }

    /// <summary>Entries of the second level that were damaged, too large, too old or another's; they are removed.</summary>
    public long SecondLevelInvalid { get; init; }

    /// <summary>Whether the second level is not asked now, after failures in a row.</summary>
    public bool SecondLevelPaused { get; init; }

    /// <summary>Answers in the cache, those too old but not yet met included.</summary>
    public int Entries { get; init; }

    /// <summary>Bytes in the cache; never more than <see cref="ResponseCacheOptions.MaxBytes"/>.</summary>
    public long Bytes { get; init; }

    /// <summary>The most bytes it may hold; 0 where the cache does not say.</summary>
    public long MaxBytes { get; init; }
}
