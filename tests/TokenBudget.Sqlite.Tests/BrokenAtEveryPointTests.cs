using TokenBudget.Costs;
using TokenBudget.Models;
using TokenBudget.TestSupport;

namespace TokenBudget.Sqlite.Tests;

/// <summary>
/// Whatever a ledger does wrong, at whatever point and in whatever way: who asks for room in a budget is told by one of our own exceptions, or by that of its own cancelling, and afterwards what was spent is on
/// record once.
/// </summary>
public sealed class BrokenAtEveryPointTests
{
    private static readonly CostBudget[] Budgets =
        [new("b", new Usd(1_000), BudgetPeriod.Total) { AtLimit = AtLimit.Pause }, new("all", new Usd(10_000), BudgetPeriod.Day)];

    public static TheoryData<LedgerBreak, bool, bool, bool> Ways()
    {
        var ways = new TheoryData<LedgerBreak, bool, bool, bool>();
        foreach (var way in Enum.GetValues<LedgerBreak>())
            foreach (var decides in (bool[])[false, true])
                foreach (var stays in (bool[])[false, true])
                    foreach (var cancels in (bool[])[false, true])
                        // One process alone waits for its disk, however long that takes.
                        if (decides || way != LedgerBreak.SaysNothing)
                            ways.Add(way, decides, stays, cancels);
        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Callers_are_told_by_our_own_exceptions_alone(LedgerBreak way, bool decides, bool stays, bool cancels)
    {
        var points = 0;
        while (await SurvivesAsync(points + 1, way, decides, stays, cancels))
            points++;
        points.ShouldBeGreaterThan(decides ? 30 : 20, "and each of them was broken once");
    }

    /// <returns>Whether there was such a point.</returns>
    private static async Task<bool> SurvivesAsync(int point, LedgerBreak way, bool decides, bool stays, bool cancels)
    {
        using var caller = new CancellationTokenSource();
        var ledger = new BreakingLedger(decides) { BreaksAt = point, Break = way, StaysBroken = stays, Breaking = cancels ? caller.Cancel : null };
        var time = new VirtualTimeProvider();
        var tracker = new CostTracker(ledger, time);
        var spent = 0L;
        for (var i = 0; i < 3; i++)
        {
            await AskAsync(async () => await tracker.PressureAsync(Budgets, caller.Token));
            await SpendAsync(i == 1 ? 0 : 300);
        }

        // No room: paused, and why.
        await SpendAsync(600);
        (await AskAsync(async () => await tracker.ReserveAsync(Budgets, new Usd(700), caller.Token)))?.Dispose();
        try
        {
            await PassAsync(tracker.RecordAvoidedAsync(Line(0) with { Id = Guid.NewGuid(), Outcome = LedgerOutcome.Avoided }).AsTask());
        }
        catch (Exception error) when (!decides || error is LedgerUnavailableException)
        {
            // It cost nothing.
        }

        var hasBroken = ledger.HasBroken;
        ledger.Mend();
        for (var patience = 0; tracker.UnwrittenEntries > 0 || patience == 0; patience++)
        {
            // What was not answered fails on another thread.
            patience.ShouldBeLessThan(10_000, $"point {point}");
            await Task.Delay(TimeSpan.FromMilliseconds(patience > 0 ? 1 : 0), TimeProvider.System);
            time.Advance(TimeSpan.FromMilliseconds(250));
            await tracker.ApproveAsync("b");
            await AskAsync(async () =>
            {
                (await tracker.ReserveAsync([Budgets[1]], Usd.Zero)).Dispose();
                return true;
            });
        }

        (await ledger.Inner.SumCostAsync(new LedgerQuery())).ShouldBe(new Usd(spent), $"point {point}");
        return hasBroken;

        async Task SpendAsync(long cost)
        {
            if (await AskAsync(async () => await tracker.ReserveAsync(Budgets, new Usd(cost), caller.Token)) is not { } reservation)
                return;
            if (cost == 0)
            {
                reservation.Dispose();
                return;
            }

            spent += cost;
            try
            {
                await PassAsync(tracker.SettleAsync(reservation, Line(cost)).AsTask());
            }
            catch (Exception error) when (error is not ShouldAssertException)
            {
                // It is counted, and its line is kept.
            }
        }

        async Task<T?> AskAsync<T>(Func<Task<T>> ask)
        {
            try
            {
                return await InTimeAsync(ask());
            }
            catch (TokenBudgetException)
            {
                return default;
            }
            catch (OperationCanceledException) when (caller.IsCancellationRequested)
            {
                return default;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"At point {point} a {error.GetType().Name} came out.", error);
            }
        }

        // A ledger that says nothing is given up by the clock.
        async Task<T> InTimeAsync<T>(Task<T> task)
        {
            await PassAsync(task);
            return await task;
        }

        async Task PassAsync(Task task)
        {
            for (var steps = 0; !task.IsCompleted; steps++)
            {
                steps.ShouldBeLessThan(60_000, $"point {point}");
                if (way == LedgerBreak.SaysNothing && time.NextTimer is { } next)
                    time.Advance(next);
                await Task.Yield();
                if (steps > 100)
                    await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }

            await task;
        }
    }

    private static LedgerEntry Line(long cost) => new() { Id = default, At = default, Agent = "a", Method = "m", Model = "x", Budget = "", Cost = new Usd(cost) };
}
