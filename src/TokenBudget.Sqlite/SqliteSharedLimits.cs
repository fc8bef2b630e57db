using Microsoft.Data.Sqlite;
using SQLitePCL;
using TokenBudget.Relational;
using TokenBudget.Sharing;

namespace TokenBudget.Sqlite;

/// <summary>Rate limits shared by the processes of one machine, in a small file of their own.</summary>
/// <remarks>
/// <para>
/// Other than <see cref="SqliteStore"/>, any number of processes may open the file at the same time: it is kept with a rollback journal, which several writers cannot damage.
/// It holds nothing worth keeping, and nothing in it is synced to the disk: a power cut may damage it. Put it where a restart of the machine clears it (<c>/run</c>), or delete it while no process runs.
/// </para>
/// <para>The clock is that of the machine since it was started, which is one for all processes and cannot be set. Thread-safe.</para>
/// </remarks>
public sealed class SqliteSharedLimits : ISharedLimitStore, IAsyncDisposable
{
    // An exchange takes less than a millisecond; who waits longer would come too late.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    // Nothing is synced: what a power cut takes was over with it, and processes that want more than there is exchange dozens of times a second.
    private const string Tables = """
        PRAGMA journal_mode = TRUNCATE;
        PRAGMA synchronous = OFF;
        CREATE TABLE IF NOT EXISTS shared_limits_v1 (
            name        TEXT PRIMARY KEY,
            heard_since INTEGER NOT NULL,
            heard_last  INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS limit_shares_v1 (
            name          TEXT NOT NULL,
            holder        TEXT NOT NULL,
            sequence      INTEGER NOT NULL,
            amount        INTEGER NOT NULL,
            alone         INTEGER NOT NULL,
            wants         INTEGER NOT NULL,
            needs         INTEGER NOT NULL,
            starves_since INTEGER NOT NULL,
            expires       INTEGER NOT NULL,
            lingers       INTEGER NOT NULL,
            PRIMARY KEY (name, holder)
        ) WITHOUT ROWID;
        """;

    private readonly SqliteConnection _connection;
    private readonly SemaphoreSlim _gate = new(1);
    private bool _disposed;

    static SqliteSharedLimits() => Batteries_V2.Init();

    private SqliteSharedLimits(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens the file, and creates it when it is not there.</summary>
    /// <param name="path">The file, in a folder that exists on a local disk. Not the file of a <see cref="SqliteStore"/>.</param>
    /// <param name="cancellationToken">Cancels before the file is touched.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static Task<SqliteSharedLimits> OpenAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => Open(Path.GetFullPath(path)), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<LimitShare>> ExchangeAsync(
        Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bids);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            // SQLite blocks the thread it is called on.
            return await Task.Run(() => ExchangeOnceAsync(holder, sequence, bids, terms), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        _disposed = true;
        await _connection.DisposeAsync().ConfigureAwait(false);
        _gate.Release();
    }

    private static SqliteSharedLimits Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 1,
        }.ConnectionString);
        try
        {
            connection.Open();
            // Processes that start together wait for each other.
            Execute(connection, "PRAGMA busy_timeout = 5000");
            Execute(connection, Tables);
            Execute(connection, "PRAGMA busy_timeout = 0");
            return new SqliteSharedLimits(connection);
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw SqliteErrors.AtOpening(path, error);
        }
    }

    private async Task<LimitShare[]> ExchangeOnceAsync(Guid holder, long sequence, IReadOnlyList<ShareBid> bids, ShareTerms terms)
    {
        await ExecutePatientlyAsync("BEGIN IMMEDIATE").ConfigureAwait(false);
        try
        {
            // Read after the lock: then it never runs back.
            var now = Environment.TickCount64;
            var shares = new LimitShare[bids.Count];
            for (var i = 0; i < shares.Length; i++)
            {
                var name = StoredText.Escape(bids[i].Limit);
                var (book, holders) = Load(name, now);
                shares[i] = book.Exchange(holder, sequence, bids[i], terms, now);
                Save(name, book, holder, holders);
            }

            await ExecutePatientlyAsync("COMMIT").ConfigureAwait(false);
            return shares;
        }
        catch
        {
            if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
                Execute(_connection, "ROLLBACK");
            throw;
        }
    }

    private (ShareBook Book, List<Guid> Holders) Load(string name, long now)
    {
        var book = new ShareBook { HeardSince = now, HeardLast = now };
        var holders = new List<Guid>();
        using (var limit = Command("SELECT heard_since, heard_last FROM shared_limits_v1 WHERE name = @name", name))
        using (var row = limit.ExecuteReader())
        {
            if (row.Read())
                (book.HeardSince, book.HeardLast) = (row.GetInt64(0), row.GetInt64(1));
        }

        if (book.HeardLast > now)
        {
            // The machine was started anew: nobody of before is there any more.
            using var forget = Command("DELETE FROM limit_shares_v1 WHERE name = @name", name);
            forget.ExecuteNonQuery();
            (book.HeardSince, book.HeardLast) = (now, now);
        }

        using var shares = Command("SELECT holder, sequence, amount, alone, wants, needs, starves_since, expires, lingers FROM limit_shares_v1 WHERE name = @name", name);
        using var share = shares.ExecuteReader();
        while (share.Read())
        {
            var holder = share.GetGuid(0);
            holders.Add(holder);
            book.Add(new ShareRow(holder)
            {
                Sequence = share.GetInt64(1),
                Amount = share.GetInt64(2),
                Alone = share.GetInt64(3),
                Wants = share.GetInt64(4),
                Needs = share.GetInt64(5),
                StarvesSince = share.GetInt64(6),
                Expires = share.GetInt64(7),
                Lingers = share.GetInt64(8),
            });
        }

        return (book, holders);
    }

    private void Save(string name, ShareBook book, Guid holder, List<Guid> before)
    {
        foreach (var gone in before.Except(book.Rows.Select(static row => row.Holder)))
        {
            using var delete = Command("DELETE FROM limit_shares_v1 WHERE name = @name AND holder = @holder", name);
            delete.Add("@holder", gone);
            delete.ExecuteNonQuery();
        }

        using var limit = Command("INSERT OR REPLACE INTO shared_limits_v1 (name, heard_since, heard_last) VALUES (@name, @since, @last)", name);
        limit.Add("@since", book.HeardSince);
        limit.Add("@last", book.HeardLast);
        limit.ExecuteNonQuery();

        var own = book.Rows.Single(row => row.Holder == holder);
        using var share = Command(
            """
            INSERT OR REPLACE INTO limit_shares_v1 (name, holder, sequence, amount, alone, wants, needs, starves_since, expires, lingers)
            VALUES (@name, @holder, @sequence, @amount, @alone, @wants, @needs, @starves, @expires, @lingers)
            """,
            name);
        share.Add("@holder", own.Holder);
        share.Add("@sequence", own.Sequence);
        share.Add("@amount", own.Amount);
        share.Add("@alone", own.Alone);
        share.Add("@wants", own.Wants);
        share.Add("@needs", own.Needs);
        share.Add("@starves", own.StarvesSince);
        share.Add("@expires", own.Expires);
        share.Add("@lingers", own.Lingers);
        share.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, string name)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Add("@name", name);
        return command;
    }

    /// <summary>Tries every millisecond. SQLite's own waiting, and that of the library around it, sleeps for longer than callers wait, whoever is done meanwhile.</summary>
    private async Task ExecutePatientlyAsync(string sql)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var result = raw.sqlite3_exec(_connection.Handle, sql);
            if (result == raw.SQLITE_OK)
                return;
            if (result != raw.SQLITE_BUSY || TimeProvider.System.GetElapsedTime(began) > Patience)
                SqliteException.ThrowExceptionForRC(result, _connection.Handle);
            await Task.Delay(Pause, TimeProvider.System).ConfigureAwait(false);
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
