namespace TokenBudget.Caching;

/// <summary>What the cache knows of an answer besides its key. Immutable: a method's can be made once and used for all its calls of one scope.</summary>
public sealed record CacheEntryInfo
{
    private readonly TimeSpan? _ttl;
    private readonly TimeSpan? _stale;

    /// <summary>The agent the answer belongs to; what <see cref="IResponseCache.ClearAgentAsync"/> compares, ordinally.</summary>
    public required string Agent { get; init; }

    /// <summary>The agent's method.</summary>
    public required string Method { get; init; }

    /// <summary>The tenant, or <see langword="null"/>. A hard partition: even under the same key, no scope ever sees another's answer.</summary>
    public string? Scope { get; init; }

    /// <summary>How long the answer serves; <see langword="null"/> means <see cref="ResponseCacheOptions.DefaultTtl"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan? Ttl
    {
        get => _ttl;
        init => _ttl = value is null || value > TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Ttl), value, "The TTL of an answer must be positive, or null for the default.");
    }

    /// <summary>How long after its time an answer may still serve while a new one cannot be made; <see langword="null"/>, not at all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan? StaleOnError
    {
        get => _stale;
        init => _stale = value is null || value > TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(StaleOnError), value, "The time an answer may serve late must be positive, or null for none.");
    }

    /// <summary>Whether an answer that calls tools may be kept. Off, because a hit does not run them again.</summary>
    public bool StoreToolCalls { get; init; }
}
