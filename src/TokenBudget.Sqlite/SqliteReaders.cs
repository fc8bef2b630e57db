using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TokenBudget.Sqlite;

/// <summary>A few connections that only read, kept open between uses. In WAL mode they neither wait for the writer nor hold it up.</summary>
/// <param name="open">Opens one more.</param>
/// <param name="path">The file.</param>
internal sealed class SqliteReaders(Func<SqliteConnection> open, string path) : IAsyncDisposable
{
    private static readonly int Max = Math.Clamp(Environment.ProcessorCount, 2, 8);

    private readonly SemaphoreSlim _free = new(Max);
    private readonly ConcurrentBag<SqliteConnection> _idle = [];
    private volatile bool _disposed;

    /// <summary>Reads on a thread of the pool, because SQLite blocks the thread it is called on.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteStore));
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteStore));
            return await Task.Run(() => Run(read, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for reads under way, then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        for (var i = 0; i < Max; i++)
            await _free.WaitAsync().ConfigureAwait(false);
        foreach (var connection in _idle)
            await connection.DisposeAsync().ConfigureAwait(false);
        // Those who came too late find out.
        _free.Release(Max);
    }

    private T Run<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        SqliteConnection? connection = null;
        try
        {
            if (!_idle.TryTake(out connection))
                connection = open();
            T result;
            using (cancellationToken.UnsafeRegister(static state => raw.sqlite3_interrupt(((SqliteConnection)state!).Handle), connection))
                result = read(connection);
            _idle.Add(connection);
            return result;
        }
        catch (Exception error)
        {
            connection?.Dispose();
            if (error is SqliteException sqlite)
            {
                if (sqlite.SqliteErrorCode == raw.SQLITE_INTERRUPT)
                    cancellationToken.ThrowIfCancellationRequested();
                if (SqliteErrors.Corruption(path, sqlite) is { } clear)
                    throw clear;
            }

            throw;
        }
    }
}
