using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Tests.Costs;

/// <summary>What the tests of budgets share.</summary>
internal static class CostSample
{
    public static Usd Dollars(decimal dollars) => Usd.FromDollars(dollars);

    public static CostBudget Budget(decimal? limit, BudgetPeriod period = BudgetPeriod.Day, string name = "budget") =>
        new(name, limit is { } some ? Dollars(some) : null, period);

    public static LedgerEntry Entry(decimal cost) => new()
    {
        Id = Guid.NewGuid(), At = default, Agent = "agent", Method = "method", Model = "model", Budget = "another", Cost = Dollars(cost),
    };

    public static async Task<CostReservation> ReserveAsync(this CostTracker tracker, decimal worstCase, CostBudget budget) =>
        await tracker.ReserveAsync(budget, Dollars(worstCase));

    public static async Task SpendAsync(this CostTracker tracker, decimal cost, CostBudget budget)
    {
        var reservation = await tracker.ReserveAsync(cost, budget);
        await tracker.SettleAsync(reservation, Entry(cost));
    }
}
