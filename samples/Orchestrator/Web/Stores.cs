using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.PostgreSql;
using TokenBudget.Sharing;
using TokenBudget.Sqlite;

namespace Orchestrator.Web;

/// <summary>Where the ledger and the conversations are kept.</summary>
internal static class Stores
{
    /// <summary>Whether it names a server, and not a file.</summary>
    public static bool IsShared([NotNullWhen(true)] string? connectionString) => connectionString?.Contains("Host=", StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>Opens the store and registers it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="connectionString">PostgreSQL's, or the path of a SQLite file; unset, a file beside the program.</param>
    /// <param name="isSimulated">Whether the money is: a file of its own then, begun anew, so that it never stands among real money.</param>
    /// <param name="isRealTime">Whether the clock goes as the server's does.</param>
    /// <returns>The store, to be closed by whoever asked for it, and what it is called for people: never the connection string, which may hold a password.</returns>
    public static async Task<(IAsyncDisposable Store, string Name)> AddAsync(IServiceCollection services, string? connectionString, bool isSimulated, bool isRealTime)
    {
        if (IsShared(connectionString))
        {
            var postgreSql = await PostgreSqlStore.OpenAsync(connectionString);
            Add(services, postgreSql);
            // Processes on one database keep to one rate limit, whose minute is the server's.
            if (isRealTime)
                services.AddSingleton<ISharedLimitStore>(postgreSql);
            return (postgreSql, "PostgreSQL");
        }

        var file = connectionString ?? Path.Combine(AppContext.BaseDirectory, isSimulated ? "simulated.db" : "orchestrator.db");
        if (isSimulated && connectionString is null)
            foreach (var old in (string[])[file, file + "-wal", file + "-shm"])
                File.Delete(old);
        var sqlite = await SqliteStore.OpenAsync(file);
        Add(services, sqlite);
        return (sqlite, "SQLite, " + Path.GetFileName(file));
    }

    private static void Add<TStore>(IServiceCollection services, TStore store)
        where TStore : class, ILedger, IConversationStore =>
        services.AddSingleton<ILedger>(store).AddSingleton<IConversationStore>(store);
}
