using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Caching.Distributed;
using TokenBudget.Relational;

namespace TokenBudget.Sqlite;

/// <summary>A distributed cache in a SQLite file, shared by the processes of one machine and kept from one start to the next: the second level of the response cache, or anybody's.</summary>
/// <remarks>
/// <para>
/// A file of its own, which any number of processes may open at the same time. Nothing in it is synced to the disk: a power cut may damage it, and then it is deleted to start anew. The synchronous
/// methods block.
/// </para>
/// <para>
/// Thread-safe. Errors of SQLite are <see cref="SqliteException"/>. Keys may be any text: their SHA-256 is stored. Values are stored as they are. An entry larger than the whole cache is not kept, and
/// neither is the one it should have replaced. A read waits for nobody who writes; a sliding time is kept to a hundredth.
/// </para>
/// </remarks>
public sealed class SqliteDistributedCache : IDistributedCache, IAsyncDisposable
{
    private const int EntryOverheadBytes = 100;

    // So much of the cache is written between two clean-ups.
    private const int CleanUpShare = 20;

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS cache_v1 (
            key     BLOB PRIMARY KEY,
            bytes   INTEGER NOT NULL,
            ends    INTEGER,
            sliding INTEGER,
            expires INTEGER,
            used    INTEGER NOT NULL,
            value   BLOB NOT NULL
        );
        CREATE INDEX IF NOT EXISTS cache_by_use_v1 ON cache_v1 (used, bytes);
        CREATE INDEX IF NOT EXISTS cache_by_expiry_v1 ON cache_v1 (expires) WHERE expires IS NOT NULL;
        """;

    private const string IsAlive = "(expires IS NULL OR expires > @now)";

    // That an entry was used is noted every ten minutes, which is near enough for what goes first, and of a sliding one every hundredth of its time: otherwise a read is a read.
    private static readonly TimeSpan UseNoted = TimeSpan.FromMinutes(10);
    private const int SlidingShare = 100;
    private const int MostPending = 1_000;

    private readonly SharedSqliteFile _file;
    private readonly ConcurrentQueue<(byte[] Hash, long At)> _used = [];
    private readonly long _maxBytes;
    private readonly TimeProvider _time;
    private long _written;

    private SqliteDistributedCache(SharedSqliteFile file, long maxBytes, TimeProvider time) => (_file, _maxBytes, _time) = (file, maxBytes, time);

    /// <summary>Opens the file, and creates it when it is not there.</summary>
    /// <param name="path">The file, in a folder that exists on a local disk. Not the file of a <see cref="SqliteStore"/>.</param>
    /// <param name="maxBytes">The most bytes of all entries together, 100 a piece included; at least 1. What was not used for longest goes first; in between each process may write a twentieth more.</param>
    /// <param name="time">The clock by which entries expire; the system's unless set.</param>
    /// <param name="cancellationToken">Cancels before the file is touched.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is less than 1.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static async Task<SqliteDistributedCache> OpenAsync(
        string path, long maxBytes = 1024L * 1024 * 1024, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        return new SqliteDistributedCache(await SharedSqliteFile.OpenAsync(path, Tables, cancellationToken).ConfigureAwait(false), maxBytes, time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public byte[]? Get(string key) => GetAsync(key).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        var hash = HashOf(key);
        var (value, isDue) = await _file.ReadAsync(connection => Read(connection, hash), token).ConfigureAwait(false);
        if (isDue)
            await NoteAsync(hash).ConfigureAwait(false);
        return value;
    }

    /// <inheritdoc/>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => SetAsync(key, value, options).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        var hash = HashOf(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        var now = _time.GetUtcNow();
        var ttl = options.AbsoluteExpirationRelativeToNow ?? options.AbsoluteExpiration - now;
        var bytes = value.LongLength + EntryOverheadBytes;
        if (ttl <= TimeSpan.Zero || bytes > _maxBytes)
            return RemoveAsync(key, token);
        return _file.WriteAsync(
            connection =>
            {
                using (var command = Command(
                    connection,
                    "INSERT OR REPLACE INTO cache_v1 (key, bytes, ends, sliding, expires, used, value) VALUES (@key, @bytes, @now + @ttl, @sliding, @now + min(coalesce(@ttl, @sliding), coalesce(@sliding, @ttl)), @now, @value)",
                    hash))
                {
                    command.Add("@bytes", bytes);
                    command.Add("@ttl", Bounded(ttl));
                    command.Add("@sliding", Bounded(options.SlidingExpiration));
                    command.Add("@value", value);
                    command.ExecuteNonQuery();
                }

                _written += bytes;
                return _written >= _maxBytes / CleanUpShare ? CleanUp(connection) : 0;
            },
            token);
    }

    /// <inheritdoc/>
    public void Refresh(string key) => RefreshAsync(key).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public Task RefreshAsync(string key, CancellationToken token = default)
    {
        var hash = HashOf(key);
        return _file.WriteAsync(connection => Touch(connection, hash, NowTicks), token);
    }

    /// <inheritdoc/>
    public void Remove(string key) => RemoveAsync(key).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        var hash = HashOf(key);
        return _file.WriteAsync(
            connection =>
            {
                using var command = Command(connection, "DELETE FROM cache_v1 WHERE key = @key", hash);
                return command.ExecuteNonQuery();
            },
            token);
    }

    /// <summary>Closes the file.</summary>
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    /// <summary>Any text, lone surrogates and NUL included, in 32 bytes.</summary>
    private static byte[] HashOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SHA256.HashData(MemoryMarshal.AsBytes(key.AsSpan()));
    }

    /// <summary>A time that, from now on, ends within what can be counted.</summary>
    private static long? Bounded(TimeSpan? time) => time is { } some ? Math.Min(some.Ticks, TimeSpan.TicksPerDay * 365_000) : null;

    private long NowTicks => _time.GetUtcNow().UtcTicks;

    /// <returns>The value, and whether its use is to be noted.</returns>
    private (byte[]? Value, bool IsDue) Read(SqliteConnection connection, byte[] hash)
    {
        using var command = Command(
            connection,
            $"SELECT value, used < @now - min({UseNoted.Ticks}, coalesce(sliding / {SlidingShare}, {UseNoted.Ticks})) FROM cache_v1 WHERE key = @key AND {IsAlive}",
            hash);
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetFieldValue<byte[]>(0), row.GetBoolean(1)) : default;
    }

    /// <summary>Notes that an entry was used, now or, if others have the file, with one of the next reads.</summary>
    private async Task NoteAsync(byte[] hash)
    {
        _used.Enqueue((hash, NowTicks));
        while (_used.Count > MostPending)
            _used.TryDequeue(out _);
        try
        {
            var pending = 0;
            var isNoted = await _file.TryWriteAsync(connection =>
            {
                foreach (var (used, at) in _used)
                {
                    Touch(connection, used, at);
                    pending++;
                }
            }).ConfigureAwait(false);
            for (; isNoted && pending > 0; pending--)
                _used.TryDequeue(out _);
        }
        catch (Exception)
        {
            // The value is read; that it was is not worth more, whatever became of the file.
        }
    }

    private int Touch(SqliteConnection connection, byte[] hash, long at)
    {
        using var command = Command(
            connection,
            $"UPDATE cache_v1 SET used = @at, expires = CASE WHEN sliding IS NULL THEN expires ELSE min(@at + sliding, coalesce(ends, @at + sliding)) END WHERE key = @key AND used < @at AND (expires IS NULL OR expires > @at)",
            hash);
        command.Add("@at", at);
        return command.ExecuteNonQuery();
    }

    /// <summary>Removes what has expired, and what was not used for longest while there is too much.</summary>
    private int CleanUp(SqliteConnection connection)
    {
        _written = 0;
        using var expired = Command(connection, "DELETE FROM cache_v1 WHERE expires <= @now", []);
        using var overflow = Command(
            connection,
            "DELETE FROM cache_v1 WHERE key IN (SELECT key FROM (SELECT key, sum(bytes) OVER (ORDER BY used DESC, key) AS through FROM cache_v1) WHERE through > @max)",
            []);
        overflow.Add("@max", _maxBytes);
        return expired.ExecuteNonQuery() + overflow.ExecuteNonQuery();
    }

    private SqliteCommand Command(SqliteConnection connection, string sql, byte[] hash)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Add("@key", hash);
        command.Add("@now", NowTicks);
        return command;
    }
}
