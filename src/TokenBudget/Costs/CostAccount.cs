using TokenBudget.Models;

namespace TokenBudget.Costs;

/// <summary>One budget in one period: <c>settled + reserved ≤ limit</c> at every instant.</summary>
internal sealed class CostAccount(CostBudget budget, DateTimeOffset? from, DateTimeOffset? until, Usd settled)
{
    private readonly Lock _gate = new();
    private Usd _settled = settled;
    private Usd _reserved;

    public CostBudget Budget => budget;

    public DateTimeOffset? PeriodStart => from;

    public BudgetStatus Status
    {
        get
        {
            lock (_gate)
                return new BudgetStatus(budget.Name, budget.Period, from, budget.Limit, _settled, _reserved);
        }
    }

    /// <param name="amount">The worst case.</param>
    /// <param name="callersLimit">The limit of the caller, who may share the budget with others that have another one, or none.</param>
    public void Reserve(Usd amount, Usd? callersLimit)
    {
        lock (_gate)
        {
            if (callersLimit is { } limit && _settled + _reserved + amount > limit)
                throw new BudgetExceededException(
                    new BudgetStatus(budget.Name, budget.Period, from, limit, _settled, _reserved), amount, until);
            _reserved += amount;
        }
    }

    public void Release(Usd amount)
    {
        lock (_gate)
            _reserved -= amount;
    }

    /// <returns>What was settled before and after.</returns>
    public (Usd Before, Usd After) Settle(Usd reserved, Usd cost)
    {
        lock (_gate)
        {
            var before = _settled;
            _reserved -= reserved;
            _settled += cost;
            return (before, _settled);
        }
    }
}
