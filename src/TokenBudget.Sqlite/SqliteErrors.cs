using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TokenBudget.Sqlite;

/// <summary>Says which file is meant and what to do, where SQLite says a number.</summary>
internal static class SqliteErrors
{
    /// <summary>What could not be done to the file, from the error at opening it.</summary>
    public static Exception AtOpening(string path, SqliteException error) => Corruption(path, error) ?? new IOException(
        $"The TokenBudget store '{path}' cannot be opened: {error.Message}", error);

    /// <summary>The error itself, or its clear form.</summary>
    public static Exception Clear(string path, Exception error) => error is SqliteException sqlite && Corruption(path, sqlite) is { } clear ? clear : error;

    /// <summary>The clear form of an error that says the file is damaged; otherwise <see langword="null"/>.</summary>
    public static Exception? Corruption(string path, SqliteException error) => error.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
        ? new InvalidDataException(
            $"'{path}' is not a readable SQLite database: {error.Message} Restore it from a backup, or move it away to start anew.",
            error)
        : null;
}
