using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Npgsql;
using TokenBudget.Conformance;
using TokenBudget.Conversations;
using TokenBudget.Costs;
using TokenBudget.Counting;
using TokenBudget.Models;
using TokenBudget.Sharing;
using Xunit.Abstractions;

namespace TokenBudget.PostgreSql.Tests;

/// <summary>
/// Everything the store, the cache and a tracker are asked, with the network broken at each packet that goes over it, from the first of a new connection on: what comes out is what is promised, and the next call
/// works.
/// </summary>
[PostgreSqlRequired]
[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlPacketTests(PostgreSqlCluster cluster, ITestOutputHelper output) : IAsyncLifetime
{
    private const int MostPackets = 200;
    private static readonly ShareTerms Terms = new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), WorksAlone: true);
    private static readonly CostBudget Budget = new("b", Usd.FromDollars(1_000_000), BudgetPeriod.Total);
    private static readonly Question[] Questions =
    [
        new("append a turn", static (it, id, token) => it.Store.AppendTurnAsync(id, 0, [Said(ChatRole.User), Said(ChatRole.Assistant)], token).AsTask()),
        new("read", static (it, _, token) => it.Store.ReadAsync("known", 100, token).AsTask()),
        new("read history", static (it, _, token) => it.Store.ReadHistoryAsync("known", token).ToListAsync(token).AsTask()),
        new("read summaries", static (it, _, token) => it.Store.ReadSummariesAsync("known", token).AsTask()),
        new("read sizes", static (it, _, token) => it.Store.ReadSizesAsync(5, token).AsTask()),
        new("save a summary", static (it, _, token) => it.Store.SaveSummaryAsync("known", new ConversationSummary("s", 1, 1, DateTimeOffset.UnixEpoch), token).AsTask()),
        new("delete", static (it, id, token) => it.Store.DeleteAsync(id, token).AsTask()),
        new("delete what is old", static (it, _, token) => it.Store.DeleteInactiveAsync(DateTimeOffset.UnixEpoch, token).AsTask()),
        new("append a line", static (it, _, token) => it.Store.AppendAsync(Line(), token).AsTask(), IsWritten: true),
        new("sum", static (it, _, token) => it.Store.SumCostAsync(new LedgerQuery(), token).AsTask()),
        new("total", static (it, _, token) => it.Store.TotalAsync(new LedgerQuery(), LedgerGrouping.Agent, token).AsTask()),
        new("read lines", static (it, _, token) => it.Store.ReadAsync(new LedgerQuery { Agent = "known" }, token).ToListAsync(token).AsTask()),
        new("reserve", static (it, id, token) => it.Ledger.ReserveAsync(Line() with { Outcome = LedgerOutcome.Reserved }, [Claim(id)], token).AsTask(), IsWritten: true),
        new("release", static (it, _, token) => it.Ledger.ReleaseAsync(Guid.NewGuid(), token).AsTask(), IsWritten: true),
        new("balances", static (it, id, token) => it.Ledger.ReadBalancesAsync([Claim(id)], token).AsTask()),
        new("load calibration", static (it, _, token) => ((ICalibrationStore)it.Store).LoadAsync("m", "s", token).AsTask()),
        new("save calibration", static (it, _, token) => ((ICalibrationStore)it.Store).SaveAsync(new CalibrationState("m", "s", 1, 0, 1), token).AsTask()),
        new("exchange", static (it, id, token) => ((ISharedLimitStore)it.Store).ExchangeAsync(Guid.NewGuid(), 1, [new ShareBid(id, 10, 0, 1, 0, 0)], Terms, token).AsTask()),
        new("publish", static (it, _, token) => ((IBackplane)it.Store).PublishAsync(new BackplaneMessage(Guid.NewGuid(), "t", "c"), token).AsTask()),
        new("cache: get", static (it, _, token) => it.Cache.GetAsync("known", token)),
        new("cache: set", static (it, id, token) => it.Cache.SetAsync(id, [1], new DistributedCacheEntryOptions(), token)),
        new("cache: refresh", static (it, _, token) => it.Cache.RefreshAsync("known", token)),
        new("cache: remove", static (it, id, token) => it.Cache.RemoveAsync(id, token)),
        new("cache: clean up", static (it, _, token) => it.Cache.CleanUpAsync(token)),
        new("tracker: pressure", static (it, _, token) => new CostTracker(it.Store).PressureAsync([Budget], token).AsTask(), IsOurs: true),
        new("tracker: reserve", static async (it, _, token) => (await new CostTracker(it.Store).ReserveAsync(Budget, new Usd(1), token)).Dispose(), IsOurs: true),
        new("tracker: note an avoided call", static (it, _, _) => new CostTracker(it.Store).RecordAvoidedAsync(Line() with { Outcome = LedgerOutcome.Avoided }).AsTask(), IsOurs: true),
    ];

    private string _direct = "";
    private int _id;

    public async Task InitializeAsync()
    {
        if (PostgreSqlCluster.Binaries is null)
            return;
        _direct = await cluster.EmptyDatabaseAsync(this);
        await using var store = await PostgreSqlStore.OpenAsync(_direct);
        await store.AppendTurnAsync("known", 0, [Said(ChatRole.User), Said(ChatRole.Assistant), Said(ChatRole.User), Said(ChatRole.Assistant)]);
        await store.AppendAsync(Line() with { Agent = "known" });
        await using var cache = await PostgreSqlDistributedCache.OpenAsync(_direct);
        await cache.SetAsync("known", [1], new DistributedCacheEntryOptions());
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [ConformanceFact]
    public Task A_connection_that_is_reset_at_any_packet_is_told_as_promised() => BreakEverythingAsync(PacketFaultKind.Reset, cancels: false);

    [ConformanceFact]
    public Task So_is_one_that_is_closed() => BreakEverythingAsync(PacketFaultKind.Close, cancels: false);

    [ConformanceFact]
    public Task Who_cancels_at_any_packet_is_told_so() => BreakEverythingAsync(PacketFaultKind.None, cancels: true);

    [ConformanceFact]
    public Task And_also_when_the_connection_is_reset_at_that_instant() => BreakEverythingAsync(PacketFaultKind.Reset, cancels: true);

    /// <summary>The request or the answer is lost, on a connection that worked, and nobody is told: who waits is, after as long as the connection string says.</summary>
    [ConformanceFact]
    public async Task A_server_that_says_nothing_any_more_is_told_after_the_command_timeout() => await Task.WhenAll(Questions.Select(async question =>
    {
        var through = _direct + ";Command Timeout=1;Minimum Pool Size=0";
        await using var proxy = TcpProxy.For(ref through);
        await using var subject = await Subject.OpenAsync(through);
        foreach (var packet in (int[])[1, 2])
        {
            await question.Ask(subject, NextId(), CancellationToken.None);
            Exception? error;
            do
            {
                // A sign of life of the process may have been lost instead.
                proxy.At(packet, PacketFaultKind.Silence);
                error = await ErrorAsync(question, subject, CancellationToken.None);
                proxy.At(int.MaxValue, PacketFaultKind.None);
            }
            while (error is null);
            if (question.IsOurs)
            {
                error.ShouldBeOfType<LedgerUnavailableException>(question.Name);
                continue;
            }

            var told = error.ShouldBeOfType<NpgsqlException>($"{question.Name}, packet {packet}");
            told.InnerException.ShouldBeOfType<TimeoutException>(question.Name);
            told.Message.ShouldContain("has not answered within", customMessage: question.Name);
        }
    }));

    private async Task BreakEverythingAsync(PacketFaultKind kind, bool cancels)
    {
        var through = _direct + ";Command Timeout=20";
        await using var proxy = TcpProxy.For(ref through);
        await using var subject = await Subject.OpenAsync(through);
        var broken = 0;
        var wrong = new List<string>();
        foreach (var question in Questions)
        {
            for (var packet = 1; await BreakAsync(question, proxy, subject, packet, kind, cancels, wrong); packet++)
            {
                packet.ShouldBeLessThan(MostPackets, question.Name);
                broken++;
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Questions.Length} questions, {broken} packets broken"));
        wrong.ShouldBeEmpty();
        broken.ShouldBeGreaterThan(4 * Questions.Length);
    }

    /// <returns>Whether there was such a packet.</returns>
    private async Task<bool> BreakAsync(Question question, TcpProxy proxy, Subject subject, int packet, PacketFaultKind kind, bool cancels, List<string> wrong)
    {
        var which = $"{question.Name}, packet {packet}";
        using var caller = new CancellationTokenSource();
        // On a new connection, whose beginning can break as well.
        subject.Source.Clear();
        var fault = proxy.At(packet, kind, cancels ? caller.Cancel : null);
        var error = await ErrorAsync(question, subject, caller.Token);
        var hasStruck = fault.HasStruck;
        proxy.At(int.MaxValue, PacketFaultKind.None);
        switch (error)
        {
            case null:
            case OperationCanceledException when caller.IsCancellationRequested:
            case TokenBudgetException when question.IsOurs:
            case NpgsqlException when !question.IsOurs && (!cancels || question.IsWritten):
                break;
            default:
                wrong.Add($"{which}: {error}");
                break;
        }

        if (hasStruck)
            await EventuallyAnsweredAsync(question, subject, which, wrong);
        return hasStruck;
    }

    /// <summary>Nothing stays broken. A tracker has only so much patience on a busy machine.</summary>
    private async Task EventuallyAnsweredAsync(Question question, Subject subject, string which, List<string> wrong)
    {
        for (var attempt = 1; await ErrorAsync(question, subject, CancellationToken.None) is { } error; attempt++)
        {
            if (question.IsOurs && attempt < 20)
                continue;
            wrong.Add($"{which}, and afterwards it does not work: {error}");
            return;
        }
    }

    private async Task<Exception?> ErrorAsync(Question question, Subject subject, CancellationToken cancellationToken)
    {
        try
        {
            await question.Ask(subject, NextId(), cancellationToken);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"id {Interlocked.Increment(ref _id)}");

    private static CountedMessage Said(ChatRole role) => new(new ChatMessage(role, "said"), 1);

    private static BudgetClaim Claim(string name) => new(name, BudgetPeriod.Total, null, null, Usd.FromDollars(1_000), PausesAtLimit: false, Usd.Zero, Usd.Zero);

    private static LedgerEntry Line() => new()
    {
        Id = Guid.NewGuid(),
        At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Agent = "a",
        Method = "m",
        Model = "x",
        Budget = "b",
        Cost = new Usd(5),
    };

    /// <param name="Name">What it is.</param>
    /// <param name="Ask">Asks, with a name nobody has used.</param>
    /// <param name="IsOurs">Whether our own exceptions alone come out.</param>
    /// <param name="IsWritten">Whether it is part of a batch of lines: once that is sent, its outcome is that of the commit and not of the caller.</param>
    private sealed record Question(string Name, Func<Subject, string, CancellationToken, Task> Ask, bool IsOurs = false, bool IsWritten = false);

    private sealed class Subject(NpgsqlDataSource source, PostgreSqlStore store, PostgreSqlDistributedCache cache) : IAsyncDisposable
    {
        public NpgsqlDataSource Source => source;

        public PostgreSqlStore Store => store;

        public IReservationLedger Ledger => store;

        public PostgreSqlDistributedCache Cache => cache;

        public static async Task<Subject> OpenAsync(string database)
        {
            var source = NpgsqlDataSource.Create(database);
            return new Subject(source, await PostgreSqlStore.OpenAsync(source), await PostgreSqlDistributedCache.OpenAsync(source));
        }

        public async ValueTask DisposeAsync()
        {
            await cache.DisposeAsync();
            await store.DisposeAsync();
            await source.DisposeAsync();
        }
    }
}
