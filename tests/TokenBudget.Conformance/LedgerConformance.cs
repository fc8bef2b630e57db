using System.Globalization;
using Shouldly;
using TokenBudget.Costs;
using TokenBudget.Models;
using Xunit;

namespace TokenBudget.Conformance;

/// <summary>What every ledger promises. A store's test project derives from it.</summary>
public abstract class LedgerConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly LedgerQuery Everything = new();

    private static readonly LedgerOutcome[] Final =
    [
        LedgerOutcome.Completed, LedgerOutcome.Cancelled, LedgerOutcome.Failed, LedgerOutcome.Avoided, LedgerOutcome.Approved, LedgerOutcome.Nested, LedgerOutcome.Paused,
    ];

    private ILedger _ledger = null!;

    /// <summary>A ledger that nobody has written to.</summary>
    protected abstract Task<ILedger> CreateAsync();

    /// <summary>Another ledger on the same data, after the first was closed; <see langword="null"/> when the kind keeps nothing.</summary>
    protected abstract Task<ILedger?> ReopenAsync(ILedger ledger);

    public async Task InitializeAsync() => _ledger = await CreateAsync();

    public virtual async Task DisposeAsync()
    {
        if (_ledger is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    [ConformanceFact]
    public async Task An_empty_ledger_sums_to_nothing()
    {
        (await _ledger.SumCostAsync(Everything)).ShouldBe(Usd.Zero);
        (await _ledger.TotalAsync(Everything)).ShouldBeEmpty();
        (await ReadAsync(Everything)).ShouldBeEmpty();
    }

    [ConformanceFact]
    public async Task A_line_comes_back_as_it_was_written()
    {
        LedgerEntry[] entries =
        [
            Entry(1) with { At = Noon.AddTicks(1), IsEstimate = true, Outcome = LedgerOutcome.Cancelled, Tenant = null },
            Entry(long.MaxValue) with
            {
                At = DateTimeOffset.MaxValue,
                Usage = new TokenUsage { FreshInput = 1, CacheRead = 2, CacheWrite5Minutes = 3, CacheWrite1Hour = 4, Output = 5, Reasoning = long.MaxValue, AudioInput = 6, AudioCacheRead = 7, AudioOutput = 8 },
            },
            Entry(long.MinValue) with { At = DateTimeOffset.MinValue, Outcome = LedgerOutcome.Failed },
            Entry(2) with { Agent = "", Method = "it's \"x\"\0", Model = "\ud800", Budget = "\\u0000🙂", Tenant = new string('é', 2_000) },
        ];
        foreach (var entry in entries)
            await _ledger.AppendAsync(entry);

        (await ReadAsync(Everything)).ShouldBe(entries.OrderBy(entry => entry.At));
    }

    [ConformanceFact]
    public async Task The_instant_counts_and_not_its_offset()
    {
        var entry = Entry(1) with { At = new DateTimeOffset(2026, 3, 1, 14, 0, 0, TimeSpan.FromHours(2)) };
        await _ledger.AppendAsync(entry);

        (await ReadAsync(new LedgerQuery { From = Noon, Until = Noon.AddTicks(1) })).Single().At.ShouldBe(Noon);
        (await _ledger.SumCostAsync(new LedgerQuery { From = new DateTimeOffset(2026, 3, 1, 11, 30, 0, TimeSpan.FromHours(-1)) })).ShouldBe(Usd.Zero);
    }

    [ConformanceFact]
    public async Task The_same_id_twice_leaves_the_first_line()
    {
        var entry = Entry(5);
        await _ledger.AppendAsync(entry);
        await _ledger.AppendAsync(entry);
        await _ledger.AppendAsync(entry with { Cost = new Usd(7), Agent = "other" });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await _ledger.AppendAsync(entry))));

        (await ReadAsync(Everything)).ShouldBe([entry]);
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(5));
    }

    [ConformanceFact]
    public async Task Every_filter_means_what_it_says()
    {
        var entries = new List<LedgerEntry>();
        string[] names = ["a", "A", "b", "a%"];
        for (var i = 0; i < 120; i++)
        {
            entries.Add(Entry(1L << (i % 40)) with
            {
                At = Noon.AddTicks(i % 10),
                Budget = names[i % 4],
                Agent = names[i / 4 % 4],
                Model = names[i / 16 % 4],
                Method = names[i / 2 % 4],
                Tenant = i % 5 == 0 ? null : names[i % 3],
                Outcome = Final[i % Final.Length],
            });
        }

        foreach (var entry in entries)
            await _ledger.AppendAsync(entry);

        DateTimeOffset?[] instants = [null, Noon.AddTicks(4), Noon.AddTicks(9)];
        var queries =
            from start in instants
            from end in instants
            from budget in new[] { null, "a", "A", "none" }
            from agent in new[] { null, "b", "a%" }
            from model in new[] { null, "a" }
            from tenant in new[] { null, "a", "" }
            from rest in new (string? Method, LedgerOutcome? Outcome)[] { (null, null), ("b", LedgerOutcome.Failed) }
            select new LedgerQuery { From = start, Until = end, Budget = budget, Agent = agent, Method = rest.Method, Model = model, Tenant = tenant, Outcome = rest.Outcome };
        foreach (var query in queries)
        {
            var expected = entries.Where(query.Matches).ToList();
            (await _ledger.SumCostAsync(query)).PicoDollars
                .ShouldBe(expected.Where(entry => entry.Outcome is not (LedgerOutcome.Avoided or LedgerOutcome.Approved or LedgerOutcome.Paused)
                    && (entry.Outcome != LedgerOutcome.Nested || query.Budget is not null)).Sum(entry => entry.Cost.PicoDollars), query.ToString());
        }

        foreach (var query in new[] { Everything, new LedgerQuery { From = Noon.AddTicks(3), Until = Noon.AddTicks(8), Budget = "a", Tenant = "a" } })
        {
            var expected = entries.Where(query.Matches).ToList();
            (await ReadAsync(query)).ShouldBe(expected.OrderBy(entry => entry.At));
            (await _ledger.TotalAsync(query)).Sum(total => total.Requests + total.AvoidedRequests).ShouldBe(expected.Count(entry => entry.Outcome is not (LedgerOutcome.Approved or LedgerOutcome.Nested or LedgerOutcome.Paused)));
        }
    }

    [ConformanceFact]
    public async Task Totals_are_grouped_and_ordered_with_the_avoided_apart()
    {
        var usage = new TokenUsage { FreshInput = 1, CacheRead = 2, CacheWrite5Minutes = 3, CacheWrite1Hour = 4, Output = 5, Reasoning = 6, AudioInput = 7, AudioCacheRead = 8, AudioOutput = 9 };
        foreach (var (agent, model) in new[] { ("b", "x"), ("a", "y"), ("a", "Z"), ("\uE000", "x"), ("🙂", "x"), ("B", "x") })
        {
            await _ledger.AppendAsync(Entry(10) with { Agent = agent, Model = model, Usage = usage });
            await _ledger.AppendAsync(Entry(20) with { Agent = agent, Model = model, Usage = usage, Outcome = LedgerOutcome.Failed });
            await _ledger.AppendAsync(Entry(40) with { Agent = agent, Model = model, Usage = usage, Outcome = LedgerOutcome.Avoided });
        }

        await _ledger.AppendAsync(Entry(80) with { Agent = "c", Model = "only avoided", Outcome = LedgerOutcome.Avoided });

        var totals = await _ledger.TotalAsync(Everything);

        // Ordinal is by UTF-16 code unit: the emoji's surrogates come before U+E000.
        totals.Select(total => (total.Key.Agent, total.Key.Model))
            .ShouldBe([("B", "x"), ("a", "Z"), ("a", "y"), ("b", "x"), ("c", "only avoided"), ("🙂", "x"), ("\uE000", "x")]);
        totals[1].ShouldBe(new LedgerTotal
        {
            Key = new LedgerKey { Agent = "a", Model = "Z" },
            Requests = 2,
            Usage = usage + usage,
            Cost = new Usd(30),
            AvoidedRequests = 1,
            AvoidedUsage = usage,
            AvoidedCost = new Usd(40),
        });
        totals[4].ShouldBe(new LedgerTotal { Key = new LedgerKey { Agent = "c", Model = "only avoided" }, AvoidedRequests = 1, AvoidedCost = new Usd(80) });
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(6 * 30));
    }

    [ConformanceFact]
    public async Task Totals_are_told_apart_by_whatever_is_asked_for()
    {
        var random = new Random(3);
        string[] names = ["a", "B", "\ud800"];
        var entries = Enumerable.Range(0, 120).Select(i => Entry(i + 1) with
        {
            // The last and the first tick of days, from the year 1 on.
            At = i < 2 ? DateTimeOffset.MinValue.AddTicks(i) : Noon.Date.AddDays(random.Next(3)).AddTicks(-random.Next(2)),
            Agent = names[random.Next(3)],
            Method = names[random.Next(3)],
            Model = names[random.Next(3)],
            Tenant = random.Next(3) switch { 0 => null, 1 => "", _ => "t" },
            Budget = names[random.Next(3)],
            Outcome = Final[random.Next(Final.Length)],
            Usage = new TokenUsage { FreshInput = i, Output = 1 },
        }).ToList();
        foreach (var entry in entries)
            await _ledger.AppendAsync(entry);
        for (var by = LedgerGrouping.None; by < (LedgerGrouping)64; by++)
        {
            var expected = entries.Where(entry => entry.Outcome is not (LedgerOutcome.Approved or LedgerOutcome.Nested or LedgerOutcome.Paused)).GroupBy(entry => LedgerKey.Of(entry, by)).OrderBy(group => group.Key).ToList();
            var totals = await _ledger.TotalAsync(Everything, by);
            totals.Select(total => total.Key).ShouldBe(expected.Select(group => group.Key), by.ToString());
            totals.Select(total => (total.Requests, total.AvoidedRequests, total.Cost.PicoDollars, total.AvoidedUsage.Total)).ShouldBe(expected.Select(group =>
            {
                var avoided = group.ToLookup(entry => entry.Outcome == LedgerOutcome.Avoided);
                return ((long)avoided[false].Count(), (long)avoided[true].Count(), avoided[false].Sum(entry => entry.Cost.PicoDollars), avoided[true].Sum(entry => entry.Usage.Total));
            }));
        }
    }

    [ConformanceFact]
    public async Task Of_a_thousand_calls_of_ten_cents_five_dollars_pay_for_exactly_fifty_before_and_after_a_restart()
    {
        var budget = new CostBudget("five", Usd.FromDollars(5), BudgetPeriod.Total);
        (await AdmittedAsync(_ledger)).ShouldBe(50);
        (await _ledger.SumCostAsync(new LedgerQuery { Budget = "five" })).ShouldBe(Usd.FromDollars(5));
        (await ReadAsync(Everything)).Count.ShouldBe(50);
        if (await ReopenAsync(_ledger) is { } reopened)
        {
            _ledger = reopened;
            (await AdmittedAsync(_ledger)).ShouldBe(0);
        }

        async Task<int> AdmittedAsync(ILedger ledger)
        {
            var tracker = new CostTracker(ledger);
            var calls = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => Task.Run(async () =>
            {
                try
                {
                    var reservation = await tracker.ReserveAsync(budget, Usd.FromDollars(0.10m));
                    await Task.Yield();
                    await tracker.SettleAsync(reservation, Entry(0) with { Cost = Usd.FromDollars(0.10m) });
                    return 1;
                }
                catch (BudgetExceededException)
                {
                    return 0;
                }
            })));
            return calls.Sum();
        }
    }

    [ConformanceFact]
    public async Task Lines_are_read_by_time_then_in_the_order_appended()
    {
        var entries = new List<LedgerEntry>();
        for (var i = 0; i < 1_203; i++)
            entries.Add(Entry(i) with { At = Noon.AddTicks(i * 7 % 3) });
        foreach (var entry in entries)
            await _ledger.AppendAsync(entry);

        var read = await ReadAsync(Everything);

        read.Select(entry => entry.Id).ShouldBe(entries.OrderBy(entry => entry.At).Select(entry => entry.Id));
    }

    [ConformanceFact]
    public async Task Money_is_exact_up_to_the_end_of_its_range()
    {
        await _ledger.AppendAsync(Entry(long.MaxValue - 1));
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(long.MaxValue - 1));
        await _ledger.AppendAsync(Entry(1));
        (await _ledger.SumCostAsync(Everything)).ShouldBe(Usd.MaxValue);

        await _ledger.AppendAsync(Entry(1));
        await Should.ThrowAsync<OverflowException>(async () => await _ledger.SumCostAsync(Everything));
        await Should.ThrowAsync<OverflowException>(async () => await _ledger.TotalAsync(Everything));

        // Only the total has to be in range, not what it is on the way.
        await _ledger.AppendAsync(Entry(-3));
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(long.MaxValue - 2));
        (await _ledger.TotalAsync(Everything)).Single().Cost.ShouldBe(new Usd(long.MaxValue - 2));
    }

    [ConformanceFact]
    public async Task A_thousand_appends_at_once_are_a_thousand_lines()
    {
        var entries = Enumerable.Range(1, 1_000).Select(i => Entry(i) with { At = Noon.AddTicks(i) }).ToList();
        await Task.WhenAll(entries.Select(entry => Task.Run(async () => await _ledger.AppendAsync(entry))));

        (await ReadAsync(Everything)).ShouldBe(entries);
        (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(500_500));
    }

    [ConformanceFact]
    public async Task What_an_append_returned_from_is_in_the_next_sum()
    {
        for (var i = 1; i <= 50; i++)
        {
            await _ledger.AppendAsync(Entry(1));
            (await _ledger.SumCostAsync(Everything)).ShouldBe(new Usd(i));
        }
    }

    [ConformanceFact]
    public async Task Cancelled_before_the_start_nothing_is_stored()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await _ledger.AppendAsync(Entry(1), cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(async () => await _ledger.SumCostAsync(Everything, cancelled.Token));
        await Should.ThrowAsync<OperationCanceledException>(async () => await _ledger.TotalAsync(Everything, cancellationToken: cancelled.Token));
        (await ReadAsync(Everything)).ShouldBeEmpty();
    }

    [ConformanceFact]
    public async Task Reading_ends_when_it_is_cancelled()
    {
        for (var i = 0; i < 3; i++)
            await _ledger.AppendAsync(Entry(i));
        using var cancellation = new CancellationTokenSource();
        var read = 0;

        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in _ledger.ReadAsync(Everything).WithCancellation(cancellation.Token))
            {
                read++;
                await cancellation.CancelAsync();
            }
        });

        read.ShouldBe(1);
    }

    [ConformanceFact]
    public async Task What_was_appended_is_there_after_reopening()
    {
        var entry = Entry(3);
        await _ledger.AppendAsync(entry);

        if (await ReopenAsync(_ledger) is not { } reopened)
            return;
        _ledger = reopened;

        await _ledger.AppendAsync(entry);
        (await ReadAsync(Everything)).ShouldBe([entry]);
    }

    private static LedgerEntry Entry(long picoDollars) => new()
    {
        Id = Guid.NewGuid(),
        At = Noon,
        Agent = "agent",
        Method = "method",
        Model = "model",
        Budget = "budget",
        Tenant = "tenant",
        Cost = new Usd(picoDollars),
    };

    private async Task<List<LedgerEntry>> ReadAsync(LedgerQuery query)
    {
        var entries = new List<LedgerEntry>();
        await foreach (var entry in _ledger.ReadAsync(query))
            entries.Add(entry);
        return entries;
    }
}
