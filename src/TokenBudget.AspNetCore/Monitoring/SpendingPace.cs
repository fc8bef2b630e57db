using TokenBudget.Costs;

namespace TokenBudget.AspNetCore.Monitoring;

/// <summary>
/// Remembers what each budget had spent, minute by minute for an hour, and says from that how it will end: <c>spent + pace × time left</c>, the pace being that
/// of the last hour or, of a shorter time, of that.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SpendingPace
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Name, BudgetPeriod Period, DateTimeOffset? Start), Queue<(DateTimeOffset At, decimal Settled)>> _spent = [];

    public void Observe(IReadOnlyList<BudgetStatus> budgets, DateTimeOffset now)
    {
        lock (_gate)
        {
            // Periods that are over and tenants that are gone.
            foreach (var key in _spent.Keys.Except(budgets.Select(KeyOf)).ToList())
                _spent.Remove(key);
            foreach (var budget in budgets)
            {
                if (!_spent.TryGetValue(KeyOf(budget), out var points))
                    _spent[KeyOf(budget)] = points = new();
                else if (now - points.Last().At < Step)
                    continue;
                points.Enqueue((now, budget.Settled.Dollars));
                while (now - points.Peek().At > Window)
                    points.Dequeue();
            }
        }
    }

    /// <summary>The forecast; none before a minute has passed.</summary>
    public Forecast? Of(BudgetStatus budget, DateTimeOffset now)
    {
        (DateTimeOffset At, decimal Settled) first;
        lock (_gate)
        {
            if (!_spent.TryGetValue(KeyOf(budget), out var points) || now - (first = points.Peek()).At < Step)
                return null;
        }

        var settled = budget.Settled.Dollars;
        var perHour = (settled - first.Settled) / (decimal)(now - first.At).TotalHours;
        decimal? atEnd = budget.PeriodEnd is { } end ? settled + (perHour * (decimal)Math.Max(0, (end - now).TotalHours)) : null;
        return new Forecast(Round(perHour), atEnd is { } some ? Round(some) : null, ReachedAt(budget, perHour, now));
    }

    private static DateTimeOffset? ReachedAt(BudgetStatus budget, decimal perHour, DateTimeOffset now)
    {
        if (budget.Limit is not { } limit || perHour <= 0)
            return null;
        var hours = (limit.Dollars + budget.Approved.Dollars - budget.Settled.Dollars) / perHour;
        // Further off than anybody plans, and than dates go.
        if (hours is < 0 or > 24 * 366)
            return null;
        var at = now.AddHours((double)hours);
        return budget.PeriodEnd is { } end && at >= end ? null : at;
    }

    // A forecast is not exact to the pico-dollar.
    private static decimal Round(decimal dollars) => decimal.Round(dollars, 6);

    private static (string, BudgetPeriod, DateTimeOffset?) KeyOf(BudgetStatus budget) => (budget.Name, budget.Period, budget.PeriodStart);
}
