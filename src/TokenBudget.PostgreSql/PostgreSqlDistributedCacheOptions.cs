namespace TokenBudget.PostgreSql;

/// <summary>Where a <see cref="PostgreSqlDistributedCache"/> keeps its entries, and how many.</summary>
public sealed record PostgreSqlDistributedCacheOptions
{
    private readonly long _maxBytes = 1024L * 1024 * 1024;
    private readonly TimeSpan _cleanUpEvery = TimeSpan.FromMinutes(5);

    /// <summary>The schema that holds the table; see <see cref="PostgreSqlStoreOptions.Schema"/>. Stores and caches may share one.</summary>
    public string Schema { get; init; } = "tokenbudget";

    /// <summary>
    /// The most bytes of all entries together, 100 a piece included; at least 1. 1 GB unless set. What was not used for longest goes first. It is held by clean-ups, so that in between each
    /// process may write a twentieth of it more.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long MaxBytes
    {
        get => _maxBytes;
        init => _maxBytes = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(MaxBytes), value, "A cache needs room: MaxBytes must be at least 1.");
    }

    /// <summary>How often a process that writes also cleans up; positive. 5 minutes unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan CleanUpEvery
    {
        get => _cleanUpEvery;
        init => _cleanUpEvery = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(CleanUpEvery), value, "CleanUpEvery must be positive.");
    }

    /// <summary>Whether statements are prepared once for each connection of the pool. On unless set; a pooler that deals connections out by the statement cannot bear it.</summary>
    public bool PrepareStatements { get; init; } = true;
}
