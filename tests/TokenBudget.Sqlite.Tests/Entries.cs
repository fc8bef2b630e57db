using TokenBudget.Costs;
using TokenBudget.Models;

namespace TokenBudget.Sqlite.Tests;

internal static class Entries
{
    public static LedgerEntry New(long picoDollars = 1) => new()
    {
        Id = Guid.NewGuid(),
        At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Agent = "agent",
        Method = "method",
        Model = "model",
        Budget = "budget",
        Cost = new Usd(picoDollars),
    };
}
