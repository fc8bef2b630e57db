using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Conversations;

namespace TokenBudget.Sqlite.Tests;

/// <summary>Writes to a store without end, and says on the standard output what the store has acknowledged. See <see cref="SqliteCrashTests"/>.</summary>
internal static class Program
{
    public const int Writers = 4;
    public const int MessagesPerTurn = 3;
    public const int TurnsPerSummary = 4;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["write", var path])
            return 2;

        await using var store = await SqliteStore.OpenAsync(path);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(store, writer))));
        return 0;
    }

    public static string ConversationOf(int writer) => string.Create(CultureInfo.InvariantCulture, $"conversation {writer}");

    private static async Task WriteAsync(SqliteStore store, int writer)
    {
        var id = ConversationOf(writer);
        var version = (await store.ReadAsync(id, 1)).Version;
        while (true)
        {
            var entry = Entries.New();
            await store.AppendAsync(entry);
            Console.WriteLine($"line {entry.Id}");
            version = await store.AppendTurnAsync(id, version, Turn(version));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"turn {writer} {version}"));
            if (version / MessagesPerTurn % TurnsPerSummary == 0)
            {
                await store.SaveSummaryAsync(id, Summary(version));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"summary {writer} {version}"));
            }
        }
    }

    /// <summary>Covers everything up to a version, and says so.</summary>
    public static ConversationSummary Summary(long version) =>
        new(string.Create(CultureInfo.InvariantCulture, $"through {version - 1}") + new string('.', 5_000), version - 1, 1, DateTimeOffset.UnixEpoch);

    private static CountedMessage[] Turn(long version) =>
    [
        .. Enumerable.Range(0, MessagesPerTurn).Select(i => new CountedMessage(
            new ChatMessage(ChatRole.User, string.Create(CultureInfo.InvariantCulture, $"{version}+{i}") + new string('.', 500)), 1)),
    ];
}
