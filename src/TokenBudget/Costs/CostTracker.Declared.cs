using System.Collections.Concurrent;

namespace TokenBudget.Costs;

/// <content>Budgets that agents have before anybody calls them: they are seen, paused and resumed from the first instant of each period.</content>
public sealed partial class CostTracker
{
    // Who makes up a name for each client it creates does not fill the memory; budgets that are not declared are known from their first call on.
    internal const int MaxDeclared = 256;

    private readonly ConcurrentDictionary<(string Name, BudgetPeriod Period), CostBudget> _declared = [];

    /// <summary>
    /// Opens the budgets that agents of this process have in their present period, so that <see cref="GetStatus"/> shows what the ledger says of them before anybody calls. Returns at once:
    /// the ledger is read beside the caller, and where it cannot be read the next look tries again. Costs nothing once they are open. Of agents that make up names, the first 256 budgets are meant.
    /// </summary>
    public void OpenDeclared()
    {
        var now = Now;
        foreach (var budget in _declared.Values)
            if (TryGetAccounts([budget], now) is null)
                _ = OpenQuietlyAsync(budget, now);
    }

    /// <summary>Takes down budgets of an agent.</summary>
    internal void Declare(IEnumerable<CostBudget> budgets)
    {
        foreach (var budget in budgets)
            if (_declared.Count < MaxDeclared)
                _declared.TryAdd((budget.Name, budget.Period), budget);
    }

    /// <summary>The accounts of a budget in its present period: it is in use, or an agent has declared it.</summary>
    private async ValueTask<List<CostAccount>> OpenCurrentAsync(string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var budget in _declared.Values)
            if (budget.Name == name)
                await AccountsAsync([budget], now, cancellationToken).ConfigureAwait(false);
        return CurrentAccounts(now, name);
    }
}
