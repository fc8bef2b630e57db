using System.CommandLine;
using TokenBudget.Sqlite;

namespace TokenBudget.Cli.Commands;

/// <summary>A SQLite store as the first argument of a command.</summary>
internal static class StoreFile
{
    public static Argument<string> Argument(string remark) => new("FILE") { Description = $"A store of TokenBudget.Sqlite. {remark}" };

    public static Argument<string> Conversation() => new("ID") { Description = "The conversation's id." };

    /// <summary>Opens a store to read it, also while agents write to it.</summary>
    public static Task<SqliteStore> ReadAsync(string file, CancellationToken cancellationToken) => OpenAsync(() => SqliteStore.OpenReadOnlyAsync(file, cancellationToken));

    /// <summary>Opens a store to change it. One that is not there is a slip of the pen, and not created.</summary>
    public static Task<SqliteStore> ChangeAsync(string file, CancellationToken cancellationToken) => File.Exists(file)
        ? OpenAsync(() => SqliteStore.OpenAsync(file, cancellationToken))
        : throw new CliException($"There is no TokenBudget store at '{file}'.");

    public static CliException NoConversation(string file, string id) => new($"There is no conversation '{id}' in '{file}'.");

    private static async Task<SqliteStore> OpenAsync(Func<Task<SqliteStore>> open)
    {
        try
        {
            return await open();
        }
        catch (InvalidDataException exception)
        {
            throw new CliException(exception.Message);
        }
    }
}
