using Microsoft.Extensions.DependencyInjection;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.PostgreSql;
using TokenBudget.Sqlite;

namespace Orchestrator.Web;

/// <summary>Where the ledger and the conversations are kept.</summary>
internal static class Stores
{
    /// <summary>Opens the store and registers it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="connectionString">PostgreSQL's, or the path of a SQLite file; unset, a file beside the program.</param>
    /// <param name="isSimulated">Whether the money is: a file of its own then, begun anew, so that it never stands among real money.</param>
    /// <returns>What it is, for people: never the connection string, which may hold a password.</returns>
    public static async Task<string> AddAsync(IServiceCollection services, string? connectionString, bool isSimulated)
    {
        if (connectionString?.Contains("Host=", StringComparison.OrdinalIgnoreCase) is true)
        {
            var postgreSql = await PostgreSqlStore.OpenAsync(connectionString);
            services.AddSingleton<ILedger>(postgreSql).AddSingleton<IConversationStore>(postgreSql);
            return "PostgreSQL";
        }

        var file = connectionString ?? Path.Combine(AppContext.BaseDirectory, isSimulated ? "simulated.db" : "orchestrator.db");
        if (isSimulated && connectionString is null)
            foreach (var old in (string[])[file, file + "-wal", file + "-shm"])
                File.Delete(old);
        var sqlite = await SqliteStore.OpenAsync(file);
        services.AddSingleton<ILedger>(sqlite).AddSingleton<IConversationStore>(sqlite);
        return "SQLite, " + Path.GetFileName(file);
    }
}
