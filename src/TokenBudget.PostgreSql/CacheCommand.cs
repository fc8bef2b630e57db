using Npgsql;

namespace TokenBudget.PostgreSql;

/// <summary>One statement and the connection it runs on, which goes back to the pool with it.</summary>
internal sealed class CacheCommand : IDisposable, IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _command;

    /// <param name="connection">The connection.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="isTimed">Whether somebody else ends it when it takes too long.</param>
    public CacheCommand(NpgsqlConnection connection, string statement, NpgsqlParameter[] parameters, bool isTimed)
    {
        _connection = connection;
        _command = new NpgsqlCommand(statement, connection);
        if (isTimed)
            _command.CommandTimeout = TimedAnswer.NoTimeout;
        _command.Parameters.AddRange(parameters);
    }

    public void Prepare()
    {
        try
        {
            _command.Prepare();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Task PrepareAsync(CancellationToken cancellationToken) => _command.PrepareAsync(cancellationToken);

    public object? ExecuteScalar() => _command.ExecuteScalar();

    public Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => _command.ExecuteScalarAsync(cancellationToken);

    public int ExecuteNonQuery() => _command.ExecuteNonQuery();

    public Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => _command.ExecuteNonQueryAsync(cancellationToken);

    public void Dispose()
    {
        _command.Dispose();
        _connection.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _command.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
