using Npgsql;

namespace TokenBudget.PostgreSql;

/// <summary>One statement and the connection it runs on, which goes back to the pool with it.</summary>
internal sealed class CacheCommand : IDisposable, IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _command;

    public CacheCommand(NpgsqlConnection connection, string statement, NpgsqlParameter[] parameters)
    {
        _connection = connection;
        _command = new NpgsqlCommand(statement, connection);
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

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _command.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

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
