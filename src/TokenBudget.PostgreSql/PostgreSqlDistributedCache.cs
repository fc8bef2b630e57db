using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Caching.Distributed;
using Npgsql;
using NpgsqlTypes;

namespace TokenBudget.PostgreSql;

/// <summary>A distributed cache in PostgreSQL (12 or later), shared by any number of processes and machines: the second level of the response cache, or anybody's.</summary>
/// <remarks>
/// <para>Entries expire by the server's clock, so that machines whose clocks differ agree. The table is unlogged: a crash of the server empties it, and replicas have none of it.</para>
/// <para>
/// Thread-safe. Every call takes a connection of the pool for its duration. Errors of the server and the network are <see cref="NpgsqlException"/>; nothing is repeated. So is that the server does not answer within the
/// <c>Command Timeout</c> of the connection string, around a <see cref="TimeoutException"/>. Who cancels does not wait for the server; the synchronous methods block. Keys may be any text:
/// their SHA-256 is stored. Values are stored as they are. An entry larger than the whole cache is not kept, and neither is the one it should have replaced.
/// </para>
/// </remarks>
public sealed class PostgreSqlDistributedCache : IDistributedCache, IAsyncDisposable
{
    /// <summary>As counted by the table.</summary>
    private const int EntryOverheadBytes = 100;

    /// <summary>So much of the cache a process writes between two clean-ups.</summary>
    private const int CleanUpShare = 20;

    // Later than any timestamp of the server's would be an error.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365_000);

    private readonly NpgsqlDataSource _source;
    private readonly bool _ownsSource;
    private readonly PostgreSqlDistributedCacheOptions _options;
    private readonly TimeProvider _time;
    private readonly CacheSql _sql;
    private readonly TimeSpan _limit;
    private readonly Lock _gate = new();
    private Task _cleanUp = Task.CompletedTask;
    private long _cleanedAt;
    private long _written;

    private PostgreSqlDistributedCache(NpgsqlDataSource source, bool ownsSource, PostgreSqlDistributedCacheOptions options, TimeProvider time)
    {
        (_source, _ownsSource, _options, _time) = (source, ownsSource, options, time);
        _sql = new CacheSql(options.Schema);
        _limit = TimedAnswer.LimitOf(source);
        _cleanedAt = time.GetTimestamp();
    }

    /// <summary>Connects, and creates the table or brings the schema up to date; safe when several processes do so at once.</summary>
    /// <param name="connectionString">Npgsql's, for example <c>Host=db;Database=agents;Username=agents</c>.</param>
    /// <param name="options">Where the table is and how much it holds.</param>
    /// <param name="time">The clock that says when to clean up; the system's unless set. Entries expire by the server's.</param>
    /// <param name="cancellationToken">Cancels; then nothing was created.</param>
    /// <exception cref="ArgumentException">The connection string or the schema's name is malformed.</exception>
    /// <exception cref="InvalidDataException">The schema is from a newer version of this package.</exception>
    /// <exception cref="NpgsqlException">The server is not there, or refuses.</exception>
    public static async Task<PostgreSqlDistributedCache> OpenAsync(
        string connectionString,
        PostgreSqlDistributedCacheOptions? options = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var source = NpgsqlDataSource.Create(connectionString);
        try
        {
            return await OpenAsync(source, ownsSource: true, options, time, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The same on a data source of the caller's, who also disposes it: that of a store, for example.</summary>
    /// <param name="source">The data source.</param>
    /// <param name="options">Where the table is and how much it holds.</param>
    /// <param name="time">The clock that says when to clean up; the system's unless set. Entries expire by the server's.</param>
    /// <param name="cancellationToken">Cancels; then nothing was created.</param>
    /// <exception cref="ArgumentException">The schema's name is malformed.</exception>
    /// <exception cref="InvalidDataException">The schema is from a newer version of this package.</exception>
    /// <exception cref="NpgsqlException">The server is not there, or refuses.</exception>
    public static Task<PostgreSqlDistributedCache> OpenAsync(
        NpgsqlDataSource source,
        PostgreSqlDistributedCacheOptions? options = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return OpenAsync(source, ownsSource: false, options, time, cancellationToken);
    }

    /// <inheritdoc/>
    public byte[]? Get(string key)
    {
        using var command = Open(_sql.Get, key);
        return (byte[]?)command.ExecuteScalar();
    }

    /// <inheritdoc/>
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        (byte[]?)await AskAsync(_sql.Get, key, [], static (command, stop) => command.ExecuteScalarAsync(stop), token).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        var (statement, parameters) = SetOf(key, value, options);
        using (var command = Open(statement, key, parameters))
            command.ExecuteNonQuery();
        CleanUpIfDue(value.Length);
    }

    /// <inheritdoc/>
    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        var (statement, parameters) = SetOf(key, value, options);
        await ExecuteAsync(statement, key, token, parameters).ConfigureAwait(false);
        CleanUpIfDue(value.Length);
    }

    /// <inheritdoc/>
    public void Refresh(string key) => Execute(_sql.Refresh, key);

    /// <inheritdoc/>
    public Task RefreshAsync(string key, CancellationToken token = default) => ExecuteAsync(_sql.Refresh, key, token);

    /// <inheritdoc/>
    public void Remove(string key) => Execute(_sql.Remove, key);

    /// <inheritdoc/>
    public Task RemoveAsync(string key, CancellationToken token = default) => ExecuteAsync(_sql.Remove, key, token);

    /// <summary>Removes what has expired, and what was not used for longest while there is too much. Calls that write do so from time to time by themselves, beside the call.</summary>
    /// <param name="cancellationToken">Stops; what was removed until then stays removed.</param>
    /// <returns>How many entries were removed; 0 while another process cleans up.</returns>
    /// <exception cref="NpgsqlException">The server is not there, or refuses.</exception>
    public async Task<int> CleanUpAsync(CancellationToken cancellationToken = default)
    {
        var removed = 0;
        int page;
        do
            removed += page = await PageAsync(_sql.RemoveExpired).ConfigureAwait(false);
        while (page > 0);
        return removed + await PageAsync(_sql.RemoveOverflow, new NpgsqlParameter<long> { TypedValue = _options.MaxBytes }).ConfigureAwait(false);

        Task<int> PageAsync(string statement, params NpgsqlParameter[] parameters) => TimedAnswer.WithinAsync(_limit, stop => RemoveAsync(statement, parameters, stop), cancellationToken);
    }

    /// <summary>A transaction each, so that readers and writers of the rest never wait long.</summary>
    private async Task<int> RemoveAsync(string statement, NpgsqlParameter[] parameters, CancellationToken stop)
    {
        var connection = await _source.OpenConnectionAsync(stop).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using var __ = transaction.ConfigureAwait(false);
        var command = new NpgsqlCommand(_sql.TryLock, connection, transaction) { CommandTimeout = TimedAnswer.NoTimeout };
        await using var ___ = command.ConfigureAwait(false);
        if (await command.ExecuteScalarAsync(stop).ConfigureAwait(false) is not true)
            return 0;
        command.CommandText = statement;
        command.Parameters.AddRange(parameters);
        var rows = await command.ExecuteNonQueryAsync(stop).ConfigureAwait(false);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        return rows;
    }

    /// <summary>The clean-up under way beside the calls, or the last.</summary>
    internal Task CleanUp
    {
        get
        {
            lock (_gate)
                return _cleanUp;
        }
    }

    /// <summary>Waits for a clean-up under way, then closes the connections, if they are the cache's own.</summary>
    public async ValueTask DisposeAsync()
    {
        await CleanUp.ConfigureAwait(false);
        if (_ownsSource)
            await _source.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<PostgreSqlDistributedCache> OpenAsync(
        NpgsqlDataSource source, bool ownsSource, PostgreSqlDistributedCacheOptions? options, TimeProvider? time, CancellationToken cancellationToken)
    {
        options ??= new PostgreSqlDistributedCacheOptions();
        PostgreSqlSchema.CheckName(options.Schema);
        await PostgreSqlSchema.MigrateAsync(source, options.Schema, cancellationToken).ConfigureAwait(false);
        return new PostgreSqlDistributedCache(source, ownsSource, options, time ?? TimeProvider.System);
    }

    /// <summary>Any text, lone surrogates and NUL included, in 32 bytes.</summary>
    private static NpgsqlParameter KeyOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new NpgsqlParameter<byte[]> { TypedValue = SHA256.HashData(MemoryMarshal.AsBytes(key.AsSpan())) };
    }

    private static NpgsqlParameter IntervalOf(TimeSpan? time) => new()
    {
        NpgsqlDbType = NpgsqlDbType.Interval,
        Value = time is { } some ? (some < Longest ? some : Longest) : DBNull.Value,
    };

    private (string Statement, NpgsqlParameter[] Parameters) SetOf(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        // An instant is the caller's clock's; how long it is until then is everybody's.
        var ttl = options.AbsoluteExpirationRelativeToNow ?? options.AbsoluteExpiration - _time.GetUtcNow();
        return ttl <= TimeSpan.Zero || value.Length + EntryOverheadBytes > _options.MaxBytes
            ? (_sql.Remove, [])
            : (_sql.Set, [new NpgsqlParameter<byte[]> { TypedValue = value }, IntervalOf(ttl), IntervalOf(options.SlidingExpiration)]);
    }

    private void Execute(string statement, string key)
    {
        using var command = Open(statement, key);
        command.ExecuteNonQuery();
    }

    private Task<int> ExecuteAsync(string statement, string key, CancellationToken cancellationToken, params NpgsqlParameter[] parameters) =>
        AskAsync(statement, key, parameters, static (command, stop) => command.ExecuteNonQueryAsync(stop), cancellationToken);

    private Task<T> AskAsync<T>(string statement, string key, NpgsqlParameter[] parameters, Func<CacheCommand, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        NpgsqlParameter[] all = [KeyOf(key), .. parameters];
        return TimedAnswer.WithinAsync(_limit, RunAsync, cancellationToken);

        async Task<T> RunAsync(CancellationToken stop)
        {
            var command = new CacheCommand(await _source.OpenConnectionAsync(stop).ConfigureAwait(false), statement, all, isTimed: true);
            await using var _ = command.ConfigureAwait(false);
            if (_options.PrepareStatements)
                await command.PrepareAsync(stop).ConfigureAwait(false);
            return await ask(command, stop).ConfigureAwait(false);
        }
    }

    private CacheCommand Open(string statement, string key, params NpgsqlParameter[] parameters)
    {
        var first = KeyOf(key);
        var command = new CacheCommand(_source.OpenConnection(), statement, [first, .. parameters], isTimed: false);
        if (_options.PrepareStatements)
            command.Prepare();
        return command;
    }

    private void CleanUpIfDue(int bytes)
    {
        lock (_gate)
        {
            _written += bytes + EntryOverheadBytes;
            if (!_cleanUp.IsCompleted || (_written < _options.MaxBytes / CleanUpShare && _time.GetElapsedTime(_cleanedAt) < _options.CleanUpEvery))
                return;
            (_written, _cleanedAt) = (0, _time.GetTimestamp());
            _cleanUp = Task.Run(QuietlyAsync);
        }

        async Task QuietlyAsync()
        {
            try
            {
                await CleanUpAsync().ConfigureAwait(false);
            }
            catch (Exception)
            {
                // Nobody waits for it, and the next call tells whoever uses the cache that the server is gone.
            }
        }
    }
}
