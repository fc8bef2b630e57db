using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TokenBudget.Sqlite;

/// <summary>
/// A file that any number of processes of one machine write, with nothing in it that has to survive a power cut: kept with a rollback journal, which several writers cannot damage, and not synced. Who reads
/// waits for a writer only while that commits. A file that was removed or replaced is opened anew.
/// </summary>
internal sealed class SharedSqliteFile : IAsyncDisposable
{
    private const string Settings = """
        PRAGMA journal_mode = TRUNCATE;
        PRAGMA synchronous = OFF;
        """;

    // SQLITE_READONLY_DBMOVED
    private const int WasMoved = 1032;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    // A transaction takes less than a millisecond, but for the first of a process, which loads and compiles. Who does not want to wait so long cancels.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly string _tables;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _reading = new(1);
    private SqliteConnection _writer;
    private SqliteConnection _reader;
    private bool _disposed;

    static SharedSqliteFile() => Batteries_V2.Init();

    private SharedSqliteFile(string path, string tables)
    {
        (_path, _tables) = (path, tables);
        _writer = Connect();
        _reader = Connect();
    }

    /// <param name="path">The file; created when it is not there.</param>
    /// <param name="tables">Creates the tables that are not there.</param>
    /// <param name="cancellationToken">Cancels before the file is touched.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static Task<SharedSqliteFile> OpenAsync(string path, string tables, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => new SharedSqliteFile(Path.GetFullPath(path), tables), cancellationToken);
    }

    /// <summary>Runs one transaction on a thread of the pool, because SQLite blocks the thread it is called on.</summary>
    /// <exception cref="SqliteException">Others kept the file for too long, or it cannot be written.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken) => RunAsync(
        _writing,
        async () =>
        {
            try
            {
                return await WriteOnceAsync(work, cancellationToken).ConfigureAwait(false);
            }
            catch (SqliteException error) when (error.SqliteExtendedErrorCode == WasMoved)
            {
                await ReopenAsync().ConfigureAwait(false);
                return await WriteOnceAsync(work, cancellationToken).ConfigureAwait(false);
            }
        },
        cancellationToken);

    /// <summary>Reads, beside whoever writes. The work must not write.</summary>
    /// <exception cref="SqliteException">Somebody was committing for too long, or the file cannot be read.</exception>
    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken) => RunAsync(
        _reading,
        async () =>
        {
            Run(_reader, "BEGIN");
            try
            {
                // The lock is taken here, where nobody sleeps.
                await RunPatientlyAsync(_reader, "SELECT 1 FROM sqlite_master LIMIT 1", cancellationToken).ConfigureAwait(false);
                return work(_reader);
            }
            finally
            {
                RollBack(_reader);
            }
        },
        cancellationToken);

    /// <summary>Runs one transaction if nobody else has the file at this instant.</summary>
    /// <returns>Whether it did.</returns>
    public async Task<bool> TryWriteAsync(Action<SqliteConnection> work)
    {
        if (!await _writing.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
            return false;
        try
        {
            return !_disposed && await Task.Run(TryWriteOnce).ConfigureAwait(false);
        }
        catch (SqliteException error) when (error.SqliteExtendedErrorCode == WasMoved)
        {
            await ReopenAsync().ConfigureAwait(false);
            return false;
        }
        finally
        {
            _writing.Release();
        }

        bool TryWriteOnce()
        {
            try
            {
                if (raw.sqlite3_exec(_writer.Handle, "BEGIN IMMEDIATE") != raw.SQLITE_OK)
                    return false;
                work(_writer);
                return raw.sqlite3_exec(_writer.Handle, "COMMIT") == raw.SQLITE_OK;
            }
            finally
            {
                RollBack(_writer);
            }
        }
    }

    /// <summary>Closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        await _reading.WaitAsync().ConfigureAwait(false);
        _disposed = true;
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _reader.DisposeAsync().ConfigureAwait(false);
        _reading.Release();
        _writing.Release();
    }

    private async Task<T> RunAsync<T>(SemaphoreSlim turn, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(work, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<T> WriteOnceAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await RunPatientlyAsync(_writer, "BEGIN IMMEDIATE", cancellationToken).ConfigureAwait(false);
        try
        {
            var result = work(_writer);
            await RunPatientlyAsync(_writer, "COMMIT", CancellationToken.None).ConfigureAwait(false);
            return result;
        }
        finally
        {
            RollBack(_writer);
        }
    }

    /// <summary>The file that was opened has no name any more: others have another by now.</summary>
    private async Task ReopenAsync()
    {
        await _reading.WaitAsync().ConfigureAwait(false);
        try
        {
            var (writer, reader) = (Connect(), Connect());
            await _writer.DisposeAsync().ConfigureAwait(false);
            await _reader.DisposeAsync().ConfigureAwait(false);
            (_writer, _reader) = (writer, reader);
        }
        finally
        {
            _reading.Release();
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 1,
        }.ConnectionString);
        try
        {
            connection.Open();
            // Processes that start together wait for each other.
            Run(connection, "PRAGMA busy_timeout = 5000");
            Run(connection, Settings + _tables);
            Run(connection, "PRAGMA busy_timeout = 0");
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw SqliteErrors.AtOpening(_path, error);
        }
    }

    /// <summary>Tries every millisecond. SQLite's own waiting, and that of the library around it, sleeps for longer than callers wait, whoever is done meanwhile.</summary>
    private static async Task RunPatientlyAsync(SqliteConnection connection, string sql, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var result = raw.sqlite3_exec(connection.Handle, sql);
            if (result == raw.SQLITE_OK)
                return;
            if ((result & 0xFF) != raw.SQLITE_BUSY || TimeProvider.System.GetElapsedTime(began) > Patience)
                SqliteException.ThrowExceptionForRC(result, connection.Handle);
            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends what was begun and not committed.</summary>
    private static void RollBack(SqliteConnection connection)
    {
        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            Run(connection, "ROLLBACK");
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
