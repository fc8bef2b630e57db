using System.Globalization;
using Microsoft.Extensions.AI;
using TokenBudget.Conformance;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Sqlite.Tests;

/// <summary>Writes to a store without end, and says on the standard output what the store has acknowledged. See <see cref="SqliteCrashTests"/>.</summary>
internal static class Program
{
    public const int Writers = 4;
    public const int MessagesPerTurn = 3;
    public const int TurnsPerSummary = 4;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["share", var limits, var skew])
        {
            await using var shared = await SqliteSharedLimits.OpenAsync(limits);
            await SharingProcess.RunAsync(shared, TimeSpan.FromSeconds(int.Parse(skew, CultureInfo.InvariantCulture)));
            return 0;
        }

        if (arguments is not ["write"])
            return 2;

        // Started ahead, it only has to be told where.
        if (await Console.In.ReadLineAsync() is not { } path)
            return 0;
        await using var store = await SqliteStore.OpenAsync(path);
        var costs = new CostTracker(store);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(store, costs, writer))));
        return 0;
    }

    public static string ConversationOf(int writer) => string.Create(CultureInfo.InvariantCulture, $"conversation {writer}");

    /// <summary>The most a request can cost, and what the provider bills for it.</summary>
    public static Usd WorstCase => new(1_000);

    public static Usd BillOf(Guid request) => new(1 + (request.ToByteArray()[0] * 3));

    private static async Task WriteAsync(SqliteStore store, CostTracker costs, int writer)
    {
        var budget = new CostBudget("paid", new Usd(long.MaxValue), BudgetPeriod.Total);
        var id = ConversationOf(writer);
        var version = (await store.ReadAsync(id, 1)).Version;
        while (true)
        {
            var entry = Entries.New();
            await store.AppendAsync(entry);
            Console.WriteLine($"line {entry.Id}");
            var reservation = await costs.ReserveAsync(budget, WorstCase);
            Console.WriteLine($"sent {reservation.Id}");
            await costs.SettleAsync(reservation, Entries.New() with { Cost = BillOf(reservation.Id) });
            Console.WriteLine($"paid {reservation.Id}");
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
