namespace TokenBudget.Costs;

/// <summary>The accounts of some budgets in their periods. Immutable.</summary>
/// <param name="Tracker">Who keeps them.</param>
/// <param name="Accounts">One for each budget.</param>
internal sealed record OpenAccounts(CostTracker Tracker, CostAccount[] Accounts)
{
    /// <summary>Whether an instant lies in the periods of all of them.</summary>
    public bool AreCurrent(DateTimeOffset now)
    {
        foreach (var account in Accounts)
            if (account.PeriodStart > now || account.PeriodEnd <= now)
                return false;
        return true;
    }
}
