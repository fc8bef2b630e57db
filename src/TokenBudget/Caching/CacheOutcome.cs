namespace TokenBudget.Caching;

/// <summary>Where an answer came from.</summary>
public enum CacheOutcome
{
    /// <summary>From the cache: nothing was sent, nothing is billed.</summary>
    Hit,

    /// <summary>This call made it.</summary>
    Miss,

    /// <summary>Another call made it at the same time; billed once, to that call.</summary>
    Shared,

    /// <summary>From the cache, though too old, because a new one could not be made; see <see cref="CacheEntryInfo.StaleOnError"/>.</summary>
    Stale,

    /// <summary>From the cache, as the answer to a question that means the same; see <see cref="CachedAttribute.Similarity"/>.</summary>
    Similar,
}
