using TokenBudget.Costs;
using TokenBudget.Models;
using static TokenBudget.Tests.Costs.CostSample;

namespace TokenBudget.Tests.Costs;

/// <summary>A ledger that fails closes the budgets and loses nothing.</summary>
public sealed class BrokenLedgerTests
{
    private readonly VirtualTimeProvider _time = new();
    private readonly FailingLedger _ledger = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_line_that_cannot_be_written_is_kept_and_closes_the_budgets(bool writtenAllTheSame)
    {
        var tracker = new CostTracker(_ledger, _time);
        var reservation = await tracker.ReserveAsync(2, Budget(10));
        _ledger.WriteFailure = new IOException("disk full");
        _ledger.WritesBeforeFailing = writtenAllTheSame;
        await Should.ThrowAsync<IOException>(() => tracker.SettleAsync(reservation, Entry(2)).AsTask());
        tracker.GetStatus()[0].ShouldSatisfyAllConditions(
            status => status.Settled.ShouldBe(Dollars(2), "the cost is counted"),
            status => status.Reserved.Dollars.ShouldBe(0));
        for (var attempt = 0; attempt < 3; attempt++)
            await Should.ThrowAsync<IOException>(() => tracker.ReserveAsync(1, Budget(10)));
        tracker.UnwrittenEntries.ShouldBe(1);

        _ledger.WriteFailure = null;
        (await tracker.ReserveAsync(8, Budget(10))).Dispose();
        tracker.UnwrittenEntries.ShouldBe(0);
        (await _ledger.LinesAsync()).Where(static line => line.Cost > default(Usd)).ShouldHaveSingleItem().Id.ShouldBe(reservation.Id);
        (await _ledger.LinesAsync()).Count.ShouldBeLessThanOrEqualTo(2, "trying whether anything can be written leaves one empty line at most");
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(8.01m, Budget(10)));
    }

    [Fact]
    public async Task That_it_fails_and_that_it_is_back_are_told_once_each()
    {
        var tracker = new CostTracker(_ledger, _time);
        var told = new List<bool>();
        tracker.LedgerStateChanged += (_, _) => told.Add(tracker.IsLedgerFailing);
        await tracker.SpendAsync(1, Budget(10));
        told.ShouldBeEmpty();
        for (var outage = 1; outage <= 2; outage++)
        {
            var reservation = await tracker.ReserveAsync(2, Budget(10));
            _ledger.WriteFailure = new IOException("disk full");
            await Should.ThrowAsync<IOException>(() => tracker.SettleAsync(reservation, Entry(1)).AsTask());
            for (var attempt = 0; attempt < 5; attempt++)
                await Should.ThrowAsync<IOException>(() => tracker.ReserveAsync(1, Budget(10)));
            told.Count.ShouldBe((2 * outage) - 1);
            _ledger.WriteFailure = null;
            (await tracker.ReserveAsync(1, Budget(10))).Dispose();
            told.Count.ShouldBe(2 * outage);
        }

        told.ShouldBe([true, false, true, false]);
    }

    [Fact]
    public async Task Many_lines_wait_and_are_written_once()
    {
        var tracker = new CostTracker(_ledger, _time);
        var reservations = new List<CostReservation>();
        for (var call = 0; call < 50; call++)
            reservations.Add(await tracker.ReserveAsync(0.1m, Budget(10)));
        _ledger.WriteFailure = new IOException("disk full");
        await Parallel.ForEachAsync(reservations, async (reservation, _) =>
            await Should.ThrowAsync<IOException>(() => tracker.SettleAsync(reservation, Entry(0.1m)).AsTask()));
        tracker.UnwrittenEntries.ShouldBe(50);
        _ledger.WriteFailure = null;
        await Parallel.ForAsync(0, 20, async (_, _) => (await tracker.ReserveAsync(0.1m, Budget(10))).Dispose());
        (await _ledger.LinesAsync()).Select(static line => line.Id).ShouldBe(reservations.Select(static reservation => reservation.Id), ignoreOrder: true);
    }

    [Fact]
    public async Task A_caller_who_cancels_does_not_lose_the_line_of_another()
    {
        var tracker = new CostTracker(_ledger, _time);
        var reservation = await tracker.ReserveAsync(2, Budget(10));
        _ledger.WriteFailure = new IOException();
        await Should.ThrowAsync<IOException>(() => tracker.SettleAsync(reservation, Entry(2)).AsTask());
        _ledger.WriteFailure = null;
        await Should.ThrowAsync<OperationCanceledException>(
            () => tracker.ReserveAsync(Budget(10), Dollars(1), new CancellationToken(canceled: true)).AsTask());
        tracker.UnwrittenEntries.ShouldBe(1);
        (await tracker.ReserveAsync(1, Budget(10))).Dispose();
        (await _ledger.LinesAsync()).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_ledger_that_could_not_be_read_is_read_again(bool timesOut)
    {
        var tracker = new CostTracker(_ledger, _time);
        _ledger.SumFailure = timesOut ? new TaskCanceledException("timed out") : new IOException("gone");
        await Should.ThrowAsync<Exception>(() => tracker.ReserveAsync(1, Budget(10)));
        _ledger.SumFailure = null;
        (await tracker.ReserveAsync(1, Budget(10))).Dispose();
    }

    [Fact]
    public async Task One_caller_who_leaves_does_not_end_the_reading_for_the_others()
    {
        var gate = new TaskCompletionSource();
        _ledger.SumGate = gate.Task;
        var tracker = new CostTracker(_ledger, _time);
        using var cancellation = new CancellationTokenSource();
        var first = tracker.ReserveAsync(Budget(10), Dollars(1), cancellation.Token).AsTask();
        var second = tracker.ReserveAsync(Budget(10), Dollars(1)).AsTask();
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first.WaitAsync(Eventually.Patience));
        gate.SetResult();
        (await second.WaitAsync(Eventually.Patience)).Amount.ShouldBe(Dollars(1));
        tracker.GetStatus()[0].Reserved.ShouldBe(Dollars(1));
    }

    [Fact]
    public async Task A_line_the_ledger_alone_refuses_is_set_aside_and_stays_counted()
    {
        var tracker = new CostTracker(_ledger, _time);
        var aside = new List<LedgerEntry>();
        tracker.LineSetAside += (_, line) => aside.Add(line);
        _ledger.Refuses = static line => line.Tenant == "poison";
        var reservation = await tracker.ReserveAsync(2, Budget(10));
        await Should.ThrowAsync<InvalidOperationException>(() => tracker.SettleAsync(reservation, Entry(2) with { Tenant = "poison" }).AsTask());
        await Should.ThrowAsync<InvalidOperationException>(() => tracker.ReserveAsync(1, Budget(10)));
        (await tracker.ReserveAsync(1, Budget(10))).Dispose();

        aside.ShouldHaveSingleItem().Tenant.ShouldBe("poison");
        tracker.UnwrittenEntries.ShouldBe(0);
        tracker.GetStatus()[0].Settled.ShouldBe(Dollars(2));
        var written = (await _ledger.LinesAsync()).Where(static line => line.Cost > default(Usd)).ShouldHaveSingleItem();
        (written.Id, written.Budget, written.Cost).ShouldBe((reservation.Id, "set-aside", Dollars(2)));
        await tracker.SpendAsync(8, Budget(10));
        await Should.ThrowAsync<BudgetExceededException>(() => tracker.ReserveAsync(0.01m, Budget(10)));
    }

    [Fact]
    public async Task A_store_that_is_down_sets_nothing_aside()
    {
        var tracker = new CostTracker(_ledger, _time);
        tracker.LineSetAside += static (_, _) => throw new InvalidOperationException();
        _ledger.WriteFailure = new IOException("disk full");
        await Should.ThrowAsync<IOException>(() => tracker.SpendAsync(1, Budget(10)));
        for (var attempt = 0; attempt < 20; attempt++)
            await Should.ThrowAsync<IOException>(() => tracker.ReserveAsync(1, Budget(10)));
        tracker.UnwrittenEntries.ShouldBe(1);
    }

    [Fact]
    public async Task A_handler_that_throws_does_not_lose_the_line()
    {
        var tracker = new CostTracker(_ledger, _time);
        tracker.AlertRaised += static (_, _) => throw new InvalidOperationException("handler");
        var reservation = await tracker.ReserveAsync(9, Budget(10));
        await Should.ThrowAsync<InvalidOperationException>(() => tracker.SettleAsync(reservation, Entry(9)).AsTask());
        (await tracker.ReserveAsync(1, Budget(10))).Dispose();
        (await _ledger.LinesAsync()).Count.ShouldBe(1);
    }
}
