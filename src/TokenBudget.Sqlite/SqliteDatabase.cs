using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using TokenBudget.Costs;
using TokenBudget.Relational;

namespace TokenBudget.Sqlite;

/// <summary>One file: the lock that makes this process its only writer, the writer, and the readers.</summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    // SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE
    private const int NoCheckpointOnClose = 1006;
    private const int BusyTimeoutSeconds = 5;

    private readonly FileStream? _lock;
    private readonly SqliteWriter? _writer;
    private readonly SqliteReaders _readers;
    private int _disposed;

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(string path, FileStream? fileLock, SqliteConnection? writer)
    {
        Path = path;
        _lock = fileLock;
        _writer = writer is null ? null : new SqliteWriter(writer, path);
        _readers = new SqliteReaders(() => OpenReader(path), path);
    }

    public string Path { get; }

    public static string EngineVersion => raw.sqlite3_libversion().utf8_to_string();

    /// <param name="path">The file.</param>
    /// <param name="unsettled">How many requests a process that ended has left reserved: with the lock, there is nobody else whose they could be.</param>
    public static SqliteDatabase Open(string path, out int unsettled)
    {
        path = System.IO.Path.GetFullPath(path);
        FileStream? fileLock = null;
        SqliteConnection? writer = null;
        try
        {
            fileLock = Lock(path);
            CreatePrivately(path);
            writer = OpenWriter(path);
            SqliteSchema.Migrate(writer, path);
            LedgerSeals.Teach(writer);
            unsettled = GiveUpReserved(writer);
            return new SqliteDatabase(path, fileLock, writer);
        }
        catch (Exception error)
        {
            writer?.Dispose();
            fileLock?.Dispose();
            if (error is SqliteException sqlite)
                throw SqliteErrors.AtOpening(path, sqlite);
            throw;
        }
    }

    public static SqliteDatabase OpenReadOnly(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no TokenBudget store at '{path}'.", path);
        try
        {
            using var reader = OpenReader(path);
            SqliteSchema.CheckCurrent(reader, path);
            return new SqliteDatabase(path, fileLock: null, writer: null);
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.AtOpening(path, error);
        }
    }

    public Task<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken) => _readers.RunAsync(read, cancellationToken);

    public Task<T> WriteAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellationToken) => _writer is null
        ? throw new InvalidOperationException($"The TokenBudget store '{Path}' was opened for reading only.")
        : _writer.RunAsync(write, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        // The readers first: the last connection to close folds the WAL into the file, and that has to be the writer.
        await _readers.DisposeAsync().ConfigureAwait(false);
        if (_writer is not null)
            await _writer.DisposeAsync().ConfigureAwait(false);
        if (_lock is not null)
            await _lock.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>What is reserved was left by a process that ended: it is settled at the most it can have cost, and sealed.</summary>
    private static int GiveUpReserved(SqliteConnection writer)
    {
        var ledger = new LedgerSql("");
        var left = new List<(long Line, LedgerEntry Entry)>();
        using var transaction = writer.BeginTransaction();
        LedgerSeals.Begin(writer);
        using (var reserved = writer.CreateCommand())
        {
            ledger.Reserved(reserved);
            using var row = reserved.ExecuteReader();
            while (row.Read())
                left.Add((row.GetInt64(0), LedgerSql.EntryOf(row)));
        }

        using var abandon = writer.CreateCommand();
        ledger.Abandon(abandon);
        abandon.ExecuteNonQuery();
        using var seal = writer.CreateCommand();
        foreach (var (line, entry) in left)
            LedgerSeals.Add(seal, line, LedgerSeals.DigestOf(entry with { Outcome = LedgerOutcome.Unsettled }));
        transaction.Commit();
        return left.Count;
    }

    // Two processes that write and checkpoint one file can damage it with any SQLite before 3.51.3 (a race in resetting the WAL). The lock is
    // on a file of its own, because closing any other handle of the database file would drop SQLite's locks on it.
    private static FileStream Lock(string path)
    {
        var directory = System.IO.Path.GetDirectoryName(path);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"The folder of the TokenBudget store '{path}' does not exist.");
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IOException(
                $"The TokenBudget store '{path}' is open for writing elsewhere, in this process or another. "
                + "Share one store in a process; for several processes, use PostgreSQL.",
                error);
        }
    }

    // Conversations are nobody else's business. SQLite gives its side files the permissions of the main file.
    private static void CreatePrivately(string path)
    {
        if (File.Exists(path))
            return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(path, options).Dispose();
    }

    private static SqliteConnection OpenWriter(string path)
    {
        var connection = OpenConnection(path, """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA secure_delete = ON; -- a deleted conversation is overwritten, not only unlinked
            """);
        try
        {
            SqliteSettings.Check(connection, path);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static SqliteConnection OpenReader(string path)
    {
        var connection = OpenConnection(path, """
            PRAGMA query_only = ON;
            PRAGMA wal_autocheckpoint = 0;
            """);
        raw.sqlite3_db_config(connection.Handle, NoCheckpointOnClose, 1, out _);
        return connection;
    }

    private static SqliteConnection OpenConnection(string path, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = BusyTimeoutSeconds,
        }.ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {BusyTimeoutSeconds * 1000};") + pragmas;
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
