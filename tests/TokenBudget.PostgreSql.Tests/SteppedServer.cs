using Npgsql;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>
/// A database whose clock can be set. Sessions of <see cref="ConnectionString"/> look for functions in a schema of the test before the server's own, so that everybody there finds another
/// <c>clock_timestamp()</c>; the store is what it always is.
/// </summary>
internal sealed class SteppedServer : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    private SteppedServer(string connectionString)
    {
        ConnectionString = connectionString + ";Search Path=stepped,pg_catalog";
        _source = NpgsqlDataSource.Create(ConnectionString);
    }

    public string ConnectionString { get; }

    /// <summary>How far the clock is off.</summary>
    public TimeSpan Off { get; private set; }

    public static async Task<SteppedServer> CreateAsync(PostgreSqlCluster cluster)
    {
        var server = new SteppedServer(await cluster.CreateDatabaseAsync());
        await server.ExecuteAsync("""
            CREATE SCHEMA stepped;
            CREATE TABLE stepped.clock AS SELECT interval '0' AS off;
            CREATE FUNCTION stepped.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT pg_catalog.clock_timestamp() + off FROM stepped.clock';
            """);
        return server;
    }

    /// <summary>Sets the clock forward or back.</summary>
    public async Task StepAsync(TimeSpan by)
    {
        Off += by;
        await using var command = _source.CreateCommand("UPDATE stepped.clock SET off = $1");
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Off });
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> NumberAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
