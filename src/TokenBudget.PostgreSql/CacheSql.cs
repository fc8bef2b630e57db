namespace TokenBudget.PostgreSql;

/// <summary>The statements of the distributed cache. Time is the server's everywhere.</summary>
/// <param name="schema">The schema, checked.</param>
internal sealed class CacheSql(string schema)
{
    private const string IsAlive = "(expires_at IS NULL OR expires_at > clock_timestamp())";

    // That an entry was used is noted every ten minutes, which is near enough for what goes first, and spares a write with each read.
    private readonly string _touch = $"""
        UPDATE {schema}.cache SET used_at = clock_timestamp(), expires_at = CASE WHEN sliding IS NULL THEN expires_at ELSE least(clock_timestamp() + sliding, ends_at) END
        WHERE key = $1 AND {IsAlive} AND (sliding IS NOT NULL OR used_at < clock_timestamp() - interval '10 minutes')
        """;

    public string Get => $"WITH touched AS ({_touch} RETURNING key) SELECT value FROM {schema}.cache WHERE key = $1 AND {IsAlive}";

    public string Refresh => _touch;

    public string Remove => $"DELETE FROM {schema}.cache WHERE key = $1";

    public string Set => $"""
        INSERT INTO {schema}.cache (key, value, ends_at, sliding, expires_at, used_at)
        VALUES ($1, $2, clock_timestamp() + $3, $4, least(clock_timestamp() + $3, clock_timestamp() + $4), clock_timestamp())
        ON CONFLICT (key) DO UPDATE SET
            value = excluded.value, ends_at = excluded.ends_at, sliding = excluded.sliding, expires_at = excluded.expires_at, used_at = excluded.used_at
        """;

    /// <summary>Of several processes that clean up at once, one does.</summary>
    public string TryLock => $"SELECT pg_try_advisory_xact_lock(hashtextextended('tokenbudget.{schema}.cache', 0))";

    public string RemoveExpired => $"""
        DELETE FROM {schema}.cache WHERE key IN (
            SELECT key FROM {schema}.cache WHERE expires_at <= clock_timestamp() ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
        """;

    public string RemoveOverflow => $"""
        DELETE FROM {schema}.cache WHERE key IN (
            SELECT key FROM (SELECT key, sum(bytes) OVER (ORDER BY used_at DESC, key) AS through FROM {schema}.cache) AS all_entries WHERE through > $1)
        """;
}
