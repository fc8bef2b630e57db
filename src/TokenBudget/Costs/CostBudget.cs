using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>A budget by name.</summary>
/// <param name="Name">Whoever names the same budget and period shares what is spent.</param>
/// <param name="Limit">
/// The most that may be spent in one period when this caller spends; <see langword="null"/>, tracked without a limit. Alerts and status
/// speak of the limit of whoever used the budget first in the period.
/// </param>
/// <param name="Period">The period.</param>
public sealed record CostBudget(string Name, Usd? Limit, BudgetPeriod Period)
{
    /// <summary>
    /// Whose lines of the ledger count as spent when a period is first used; unset, those charged to <see cref="Name"/>. A budget that says this
    /// knows what was spent before it was set up, and keeps it when it is renamed.
    /// </summary>
    public LedgerQuery? Lines { get; init; }

    /// <summary>What becomes of a call that does not fit.</summary>
    public AtLimit AtLimit { get; init; }

    /// <summary>The first instant of the period that holds an instant, and the first one after it. UTC.</summary>
    /// <param name="at">The instant.</param>
    /// <returns>The bounds; none for <see cref="BudgetPeriod.Total"/>.</returns>
    public (DateTimeOffset? From, DateTimeOffset? Until) PeriodOf(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        return Period switch
        {
            BudgetPeriod.Hour => Of(utc.Date.AddHours(utc.Hour), static from => from.AddHours(1)),
            BudgetPeriod.Day => Of(utc.Date, static from => from.AddDays(1)),
            BudgetPeriod.Month => Of(new DateTime(utc.Year, utc.Month, 1, 0, 0, 0, DateTimeKind.Utc), static from => from.AddMonths(1)),
            _ => (null, null),
        };

        static (DateTimeOffset?, DateTimeOffset?) Of(DateTime from, Func<DateTime, DateTime> next) =>
            (new DateTimeOffset(from, TimeSpan.Zero), new DateTimeOffset(next(from), TimeSpan.Zero));
    }
}
