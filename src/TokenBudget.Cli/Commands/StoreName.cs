using System.CommandLine;
using System.Net.Sockets;
using Npgsql;
using TokenBudget.PostgreSql;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Commands;

/// <summary>A store as the first argument of a command that only reads: a SQLite file, or PostgreSQL.</summary>
internal static class StoreName
{
    public static Argument<string> Argument() => new("STORE")
    {
        Description = "A file of TokenBudget.Sqlite, or PostgreSQL as \"Host=…;Database=…;Username=…\" or postgresql://user@host/database (a password is taken from PGPASSWORD or PGPASSFILE). It is only read, also while agents write to it.",
    };

    /// <summary>Opens the store for reading.</summary>
    /// <exception cref="CliException">It is not there, or is something else.</exception>
    public static async Task<OpenStore> OpenAsync(string store, CancellationToken cancellationToken)
    {
        try
        {
            if (ConnectionStringOf(store) is not { } connectionString)
            {
                var file = await SqliteStore.OpenReadOnlyAsync(store, cancellationToken);
                return new OpenStore(file, file, file);
            }

            var server = await PostgreSqlStore.OpenReadOnlyAsync(connectionString, cancellationToken: cancellationToken);
            return new OpenStore(server, server, server);
        }
        catch (Exception exception) when (exception is InvalidDataException or NpgsqlException or SocketException or ArgumentException or TimeoutException)
        {
            throw new CliException(exception.Message);
        }
    }

    /// <summary>The connection string, if that is what is meant; a file of the same name goes before.</summary>
    private static string? ConnectionStringOf(string store)
    {
        if (store.StartsWith("postgresql://", StringComparison.Ordinal) || store.StartsWith("postgres://", StringComparison.Ordinal))
        {
            var address = Uri.TryCreate(store, UriKind.Absolute, out var uri) ? uri : throw new ArgumentException($"'{store}' is no address of a PostgreSQL database, such as postgresql://user@host/database.");
            var user = address.UserInfo.Split(':', 2);
            var builder = new NpgsqlConnectionStringBuilder { Host = address.Host, Database = Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/')) };
            if (address.Port > 0)
                builder.Port = address.Port;
            if (user[0].Length > 0)
                builder.Username = Uri.UnescapeDataString(user[0]);
            if (user.Length > 1)
                builder.Password = Uri.UnescapeDataString(user[1]);
            return builder.ConnectionString;
        }

        return store.Contains('=', StringComparison.Ordinal) && !File.Exists(store) ? store : null;
    }
}
