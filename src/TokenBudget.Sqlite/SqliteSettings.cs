using System.Globalization;
using Microsoft.Data.Sqlite;

namespace TokenBudget.Sqlite;

/// <summary>What the durability of the file rests on. SQLite does not say when it cannot do what it is asked: it has to be asked what it does.</summary>
internal static class SqliteSettings
{
    // RETURNING; earlier versions fail in the middle of a turn.
    private static readonly Version Oldest = new(3, 35, 0);

    /// <exception cref="IOException">The file cannot be kept as it has to be, or SQLite is too old.</exception>
    public static void Check(SqliteConnection connection, string path)
    {
        var version = SqliteDatabase.EngineVersion;
        if (Version.Parse(version) < Oldest)
            throw new IOException($"The TokenBudget store '{path}' needs SQLite {Oldest.ToString(2)} or later, and this is {version}. Update the SQLitePCLRaw bundle.");
        if (Value(connection, "journal_mode") is not "wal" and var mode)
        {
            throw new IOException(
                $"The TokenBudget store '{path}' cannot have a write-ahead log there (journal_mode is {mode}): a file system without shared memory, a network share for example. Put it on a local disk.");
        }

        if (Value(connection, "synchronous") is not "2" and var synchronous)
            throw new IOException($"The TokenBudget store '{path}' would not survive the end of the power: synchronous is {synchronous}, not FULL.");
        if (Value(connection, "foreign_keys") is not "1")
            throw new IOException($"The TokenBudget store '{path}' would keep messages of removed conversations: this SQLite was built without foreign keys.");
    }

    private static string? Value(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {pragma}";
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
