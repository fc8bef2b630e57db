using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TokenBudget.Sqlite;

/// <summary>A file that any number of processes of one machine write, with nothing in it that has to survive a power cut: kept with a rollback journal, which several writers cannot damage, and not synced.</summary>
internal sealed class SharedSqliteFile : IAsyncDisposable
{
    private const string Settings = """
        PRAGMA journal_mode = TRUNCATE;
        PRAGMA synchronous = OFF;
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    // A transaction takes less than a millisecond, but for the first of a process, which loads and compiles. Who does not want to wait so long cancels.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SqliteConnection _connection;
    private readonly SemaphoreSlim _gate = new(1);
    private bool _disposed;

    static SharedSqliteFile() => Batteries_V2.Init();

    private SharedSqliteFile(SqliteConnection connection) => _connection = connection;

    /// <param name="path">The file; created when it is not there.</param>
    /// <param name="tables">Creates the tables that are not there.</param>
    /// <param name="cancellationToken">Cancels before the file is touched.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static Task<SharedSqliteFile> OpenAsync(string path, string tables, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => Open(Path.GetFullPath(path), tables), cancellationToken);
    }

    /// <summary>Runs one transaction on a thread of the pool, because SQLite blocks the thread it is called on.</summary>
    /// <exception cref="SqliteException">Others kept the file for too long, or it cannot be written.</exception>
    public async Task<T> RunAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(() => RunOnceAsync(work, cancellationToken), CancellationToken.None).ConfigureAwait(false);
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

    private static SharedSqliteFile Open(string path, string tables)
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
            Execute(connection, Settings + tables);
            Execute(connection, "PRAGMA busy_timeout = 0");
            return new SharedSqliteFile(connection);
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw SqliteErrors.AtOpening(path, error);
        }
    }

    private async Task<T> RunOnceAsync<T>(Func<SqliteConnection, T> work, CancellationToken cancellationToken)
    {
        await ExecutePatientlyAsync("BEGIN IMMEDIATE", cancellationToken).ConfigureAwait(false);
        try
        {
            var result = work(_connection);
            await ExecutePatientlyAsync("COMMIT", CancellationToken.None).ConfigureAwait(false);
            return result;
        }
        catch
        {
            if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
                Execute(_connection, "ROLLBACK");
            throw;
        }
    }

    /// <summary>Tries every millisecond. SQLite's own waiting, and that of the library around it, sleeps for longer than callers wait, whoever is done meanwhile.</summary>
    private async Task ExecutePatientlyAsync(string sql, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var result = raw.sqlite3_exec(_connection.Handle, sql);
            if (result == raw.SQLITE_OK)
                return;
            if ((result & 0xFF) != raw.SQLITE_BUSY || TimeProvider.System.GetElapsedTime(began) > Patience)
                SqliteException.ThrowExceptionForRC(result, _connection.Handle);
            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
