using Shouldly;
using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Conformance;

/// <summary>
/// For tests that are not about how soon a decision comes: a ledger on another machine that has not answered within a quarter of a second is away, and on a machine that does much else at the same time it may be
/// that late. Who is told so asks again, as a caller would.
/// </summary>
public static class Patience
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(30);

    /// <summary>Asks until the ledger has answered.</summary>
    public static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> ask)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (LedgerUnavailableException) when (TimeProvider.System.GetElapsedTime(began) < Most)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    public static Task<CostReservation> ReservePatientlyAsync(this CostTracker tracker, CostBudget budget, Usd worstCase) => UntilAnsweredAsync(() => tracker.ReserveAsync(budget, worstCase).AsTask());

    /// <summary>The cost counts and the line is kept even where that machine was too slow to write it.</summary>
    public static async Task SettlePatientlyAsync(this CostTracker tracker, CostReservation reservation, LedgerEntry line)
    {
        try
        {
            await tracker.SettleAsync(reservation, line);
        }
        catch (LedgerUnavailableException)
        {
        }
    }

    /// <summary>Whatever waits to be written is.</summary>
    public static async Task WriteAllAsync(this CostTracker tracker)
    {
        var other = new CostBudget("of nobody", null, BudgetPeriod.Total);
        for (var patience = 0; tracker.UnwrittenEntries > 0; patience++)
        {
            patience.ShouldBeLessThan(1_000, "lines that no answer of the ledger takes along");
            (await tracker.ReservePatientlyAsync(other, Usd.Zero)).Dispose();
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
