using System.CommandLine;
using System.Net.Sockets;
using Npgsql;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.PostgreSql;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Commands;

/// <summary>A store as the first argument of a command: a SQLite file, or PostgreSQL.</summary>
internal static class StoreName
{
    public static Argument<string> Argument(string remark = "It is only read, also while agents write to it.") => new("STORE")
    {
        Description = $"A file of TokenBudget.Sqlite, or PostgreSQL as \"Host=…;Database=…;Username=…\" or postgresql://user@host/database (a password is taken from PGPASSWORD or PGPASSFILE). {remark}",
    };

    /// <summary>A store that is changed.</summary>
    public static Argument<string> ChangedArgument() => Argument("No agent may have a file open.");

    public static Argument<string> Conversation() => new("ID") { Description = "The conversation's id." };

    public static CliException NoConversation(string store, string id) => new($"There is no conversation '{id}' in '{WithoutPassword(store)}'.");

    /// <summary>Opens the store for reading.</summary>
    /// <exception cref="CliException">It is not there, or is something else.</exception>
    public static Task<OpenStore> OpenAsync(string store, CancellationToken cancellationToken) => OpenAsync(
        store,
        async path => Of(await SqliteStore.OpenReadOnlyAsync(path, cancellationToken)),
        async connectionString => Of(await PostgreSqlStore.OpenReadOnlyAsync(connectionString, cancellationToken: cancellationToken)));

    /// <summary>Opens the store to change it. One that is not there is a slip of the pen, and not created.</summary>
    /// <exception cref="CliException">It is not there, or is something else.</exception>
    public static Task<OpenStore> ChangeAsync(string store, CancellationToken cancellationToken) => OpenAsync(
        store,
        async path => Of(File.Exists(path) ? await SqliteStore.OpenAsync(path, cancellationToken) : throw new CliException($"There is no TokenBudget store at '{path}'.")),
        async connectionString =>
        {
            await (await PostgreSqlStore.OpenReadOnlyAsync(connectionString, cancellationToken: cancellationToken)).DisposeAsync();
            return Of(await PostgreSqlStore.OpenAsync(connectionString, cancellationToken: cancellationToken));
        });

    private static OpenStore Of<T>(T store)
        where T : ILedger, IConversationStore, IAsyncDisposable => new(store, store, store);

    private static async Task<OpenStore> OpenAsync(string store, Func<string, Task<OpenStore>> file, Func<string, Task<OpenStore>> server)
    {
        try
        {
            return await (ConnectionStringOf(store) is { } connectionString ? server(connectionString) : file(store));
        }
        catch (Exception exception) when (exception is InvalidDataException or NpgsqlException or SocketException or ArgumentException or TimeoutException)
        {
            throw new CliException(exception.Message);
        }
    }

    private static string WithoutPassword(string store) =>
        ConnectionStringOf(store) is { } connectionString ? new NpgsqlConnectionStringBuilder(connectionString) { Password = null }.ConnectionString : store;

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
