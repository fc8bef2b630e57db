using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Npgsql;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.PostgreSql;
using TokenBudget.RateLimiting;
using TokenBudget.Sharing;
using TokenBudget.Sqlite;

namespace TokenBudget.Benchmarks.Stores;

/// <summary><c>stores [CONNECTION]</c>: what shared limits and ledgers cost; those of PostgreSQL where a connection string names a server, in a schema of their own.</summary>
internal static class StoresCommand
{
    private const int Lines = 40_000;
    private const int Callers = 512;

    public static async Task<int> RunAsync(string? connectionString)
    {
        await MeasureAdmissionAsync();
        var folder = Directory.CreateTempSubdirectory("tokenbudget-");
        try
        {
            await using var sqlite = await SqliteStore.OpenAsync(Path.Combine(folder.FullName, "store.db"));
            await MeasureLedgerAsync("SQLite", sqlite);
            await MeasureReservationsAsync("SQLite", sqlite);
            await MeasureReadsAsync("SQLite", sqlite);
            await using var limits = await SqliteSharedLimits.OpenAsync(Path.Combine(folder.FullName, "limits.db"));
            await MeasureExchangesAsync("SQLite", limits);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        if (connectionString is null)
        {
            Console.WriteLine("PostgreSQL: not measured; name a server to do so: stores \"Host=…;Database=…\"");
            return 0;
        }

        var schema = string.Create(CultureInfo.InvariantCulture, $"bench_{Environment.ProcessId}");
        await using var store = await PostgreSqlStore.OpenAsync(connectionString, new PostgreSqlStoreOptions { Schema = schema });
        await MeasureRoundTripAsync(connectionString);
        await MeasureLedgerAsync("PostgreSQL", store);
        await MeasureReservationsAsync("PostgreSQL", store);
        await MeasureReadsAsync("PostgreSQL", store);
        await MeasureExchangesAsync("PostgreSQL", store);
        return 0;
    }

    /// <summary>Reserving and settling inside a share that is renewed meanwhile.</summary>
    private static async Task MeasureAdmissionAsync()
    {
        const int Count = 2_000_000;
        var limiter = new TokenRateLimiter("bench", new RateLimits { TokensPerMinute = 1L << 40, RequestsPerMinute = 1L << 40 });
        await using var sharing = new SharedRateLimits(new InMemorySharedLimitStore(), TimeProvider.System);
        sharing.Join(limiter);
        (await limiter.ReserveAsync(new TokenDemand(100, 100))).Settle(new TokenDemand(100, 50));
        var best = TimeSpan.MaxValue;
        var waited = 0;
        for (var round = 0; round < 5; round++)
        {
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < Count; i++)
            {
                var reservation = limiter.ReserveAsync(new TokenDemand(100, 100));
                if (!reservation.IsCompleted)
                    waited++;
                (await reservation).Settle(new TokenDemand(100, 50));
            }

            var elapsed = Stopwatch.GetElapsedTime(started);
            best = elapsed < best ? elapsed : best;
        }

        Print("local admission inside a share, with its settlement", string.Create(
            CultureInfo.InvariantCulture, $"{best.TotalNanoseconds / Count:0} ns; {waited} of {5 * Count:N0} waited for the store"));
        await limiter.DisposeAsync();
    }

    /// <summary>Many callers at once: what waits together is committed together.</summary>
    private static async Task MeasureLedgerAsync(string name, ILedger ledger)
    {
        var lines = Enumerable.Range(0, Lines).Select(static i => Line(Guid.NewGuid(), LedgerOutcome.Completed, i)).ToArray();
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < Lines;)
                await ledger.AppendAsync(lines[i]);
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);
        Print($"{name}, ledger lines of {Callers} callers", string.Create(CultureInfo.InvariantCulture, $"{Lines / elapsed.TotalSeconds:N0} a second"));
    }

    /// <summary>One caller: what a request waits for before it is sent.</summary>
    private static async Task MeasureReservationsAsync(string name, ILedger ledger)
    {
        var tracker = new CostTracker(ledger);
        var budget = new CostBudget("bench", Usd.FromDollars(100_000), BudgetPeriod.Day);
        var reserve = new List<double>();
        var settle = new List<double>();
        for (var i = 0; i < 2_000; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var reservation = await tracker.ReserveAsync(budget, Usd.FromDollars(0.01m));
            var reserved = Stopwatch.GetTimestamp();
            await tracker.SettleAsync(reservation, Line(default, LedgerOutcome.Completed, i));
            if (i < 500)
                continue;
            reserve.Add(Stopwatch.GetElapsedTime(started, reserved).TotalMicroseconds);
            settle.Add(Stopwatch.GetElapsedTime(reserved).TotalMicroseconds);
        }

        Print($"{name}, dollars reserved (one round trip)", Quantiles(reserve));
        Print($"{name}, dollars settled", Quantiles(settle));
    }

    /// <summary>What the network and a commit cost by themselves: a bare insert.</summary>
    private static async Task MeasureRoundTripAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        Print("PostgreSQL, a bare query", Quantiles(await TimesAsync("SELECT 1")));
        var table = string.Create(CultureInfo.InvariantCulture, $"bare_{Environment.ProcessId}");
        await using (var create = new NpgsqlCommand($"CREATE TABLE {table} (x int)", connection))
            await create.ExecuteNonQueryAsync();
        Print("PostgreSQL, a bare insert, committed", Quantiles(await TimesAsync($"INSERT INTO {table} VALUES (1)")));
        await using (var drop = new NpgsqlCommand($"DROP TABLE {table}", connection))
            await drop.ExecuteNonQueryAsync();

        async Task<List<double>> TimesAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.PrepareAsync();
            var times = new List<double>();
            for (var i = 0; i < 2_000; i++)
            {
                var started = Stopwatch.GetTimestamp();
                await command.ExecuteNonQueryAsync();
                if (i >= 500)
                    times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            }

            return times;
        }
    }

    /// <summary>The newest messages of a long conversation.</summary>
    private static async Task MeasureReadsAsync(string name, IConversationStore store)
    {
        const int Turn = 200;
        const int Messages = 20_000;
        var turn = Enumerable.Range(0, Turn).Select(static i => new CountedMessage(new ChatMessage(ChatRole.User, $"Message {i}. {string.Concat(Enumerable.Repeat("It has some words. ", 10))}"), 1)).ToArray();
        for (var version = 0L; version < Messages;)
            version = await store.AppendTurnAsync("long", version, turn);
        // Turns go whole or not at all: the newest is one of twenty.
        await store.AppendTurnAsync("long", Messages, turn[..20]);
        var times = new List<double>();
        for (var i = 0; i < 2_000; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var count = (await store.ReadAsync("long", 20)).Messages.Count;
            if (count != 20)
                throw new InvalidOperationException($"{count} messages were read.");
            if (i >= 500)
                times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        Print($"{name}, last 20 of {Messages:N0} messages", Quantiles(times));
    }

    /// <summary>One exchange of the shares of a limit with three dimensions.</summary>
    private static async Task MeasureExchangesAsync(string name, ISharedLimitStore store)
    {
        var holder = Guid.NewGuid();
        var terms = new ShareTerms(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), WorksAlone: true);
        ShareBid[] bids = [new("bench/requests", 1_000, 10, 20, 0, 0), new("bench/input", 1_000, 10, 20, 0, 0), new("bench/tokens", 1_000, 10, 20, 0, 0)];
        var times = new List<double>();
        for (var i = 1; i <= 1_500; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await store.ExchangeAsync(holder, i, bids, terms);
            if (i > 300)
                times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        Print($"{name}, exchange of three shares", Quantiles(times));
    }

    private static LedgerEntry Line(Guid id, LedgerOutcome outcome, int i) => new()
    {
        Id = id,
        At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddMilliseconds(i),
        Agent = "agent",
        Method = "method",
        Model = "claude-sonnet-4-5",
        Budget = "bench",
        Outcome = outcome,
        Usage = new TokenUsage { FreshInput = 1_000, CacheRead = 20_000, Output = 300 },
        Cost = Usd.FromDollars(0.005m),
    };

    private static string Quantiles(List<double> microseconds)
    {
        microseconds.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"p50 {microseconds[microseconds.Count / 2]:0} µs, p99 {microseconds[microseconds.Count * 99 / 100]:0} µs");
    }

    private static void Print(string what, string figure) => Console.WriteLine($"{what,-60} {figure}");
}
