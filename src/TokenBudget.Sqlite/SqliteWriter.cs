using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TokenBudget.Sqlite;

/// <summary>
/// The one connection that writes and checkpoints. Requests that wait together are committed together: one flush to the disk pays for all
/// of them, and each still succeeds or fails alone.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MaxBatch = 256;

    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly Channel<WriteRequest> _queue = Channel.CreateBounded<WriteRequest>(new BoundedChannelOptions(4 * MaxBatch) { SingleReader = true });
    // A handful of statements around every request, prepared once each.
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private readonly Task _loop;

    public SqliteWriter(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
        _loop = Task.Run(CommitAllAsync);
    }

    public async Task<T> RunAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new WriteRequest<T>(write);
        try
        {
            await _queue.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteStore));
        }

        using var registration = cancellationToken.UnsafeRegister(static (state, token) => ((WriteRequest)state!).Cancel(token), request);
        return await request.Task.ConfigureAwait(false);
    }

    /// <summary>Commits what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task CommitAllAsync()
    {
        var batch = new List<WriteRequest>(MaxBatch);
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var request))
            {
                if (request.TryStart())
                    batch.Add(request);
            }

            if (batch.Count > 0)
                Commit(batch);
            foreach (var request in batch)
                request.Complete();
            batch.Clear();
        }
    }

    private void Commit(List<WriteRequest> batch)
    {
        try
        {
            Execute("BEGIN IMMEDIATE");
            foreach (var request in batch)
                ExecuteAlone(request);
            Execute("COMMIT");
        }
        catch (Exception error)
        {
            // Whatever it was (disk full, locked, failed flush): nothing of the batch is stored, everybody is told, the next batch is tried afresh.
            foreach (var request in batch)
                request.Refuse(SqliteErrors.Clear(_path, error));
            RollBack();
        }
    }

    private void ExecuteAlone(WriteRequest request)
    {
        Execute("SAVEPOINT request");
        try
        {
            request.Execute(_connection);
        }
        catch (Exception error) when (IsInTransaction)
        {
            request.Refuse(SqliteErrors.Clear(_path, error));
            Execute("ROLLBACK TO request");
        }

        Execute("RELEASE request");
    }

    // Some errors make SQLite roll back the whole transaction by itself.
    private bool IsInTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    private void RollBack()
    {
        try
        {
            if (IsInTransaction)
                Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // The error that led here is the one that is told. BEGIN fails if the transaction is still open, so nothing is committed by accident.
        }
    }

    private void Execute(string sql)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _commands[sql] = _connection.CreateCommand();
            command.CommandText = sql;
        }

        command.ExecuteNonQuery();
    }
}
