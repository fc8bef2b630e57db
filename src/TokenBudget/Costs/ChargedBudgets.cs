using System.Collections;

namespace TokenBudget.Costs;

/// <summary>Budgets that the same calls are charged to time and again: their accounts are looked up once a period.</summary>
internal sealed class ChargedBudgets(IEnumerable<CostBudget> budgets) : IReadOnlyList<CostBudget>
{
    private readonly CostBudget[] _budgets = [.. budgets];
    private volatile OpenAccounts? _open;

    public int Count => _budgets.Length;

    /// <summary>The accounts that were found last. Whoever sets them last is as right as any other: there is one account for a budget and period.</summary>
    public OpenAccounts? Open
    {
        get => _open;
        set => _open = value;
    }

    public CostBudget this[int index] => _budgets[index];

    public IEnumerator<CostBudget> GetEnumerator() => ((IEnumerable<CostBudget>)_budgets).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _budgets.GetEnumerator();
}
