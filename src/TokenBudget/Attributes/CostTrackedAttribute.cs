namespace TokenBudget;

/// <summary>
/// Prices every request, writes it to the ledger and holds a limit in US dollars. Said several times, with another <see cref="Per"/> or
/// <see cref="Period"/> each, all limits hold: a call takes room in every one of them, or in none.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface | AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class CostTrackedAttribute : Attribute
{
    /// <summary>The most to spend in one <see cref="Period"/>, in US dollars, at most 1,000,000. Zero: track without a limit.</summary>
    public double LimitUsd { get; set; }

    /// <summary>The period the limit is for.</summary>
    public BudgetPeriod Period { get; set; } = BudgetPeriod.Day;

    /// <summary>Who has the limit for itself.</summary>
    public BudgetScope Per { get; set; }

    /// <summary>
    /// The most one call may cost, in US dollars, at most 1,000,000: all its rounds, retries and what is sent inside it. Zero: no limit. Where the code alone lets a call cost more, it does not compile
    /// (TB0104); at run time a request that could take its call beyond is not sent (<see cref="Costs.CallCostExceededException"/>).
    /// </summary>
    public double MaxUsdPerCall { get; set; }

    /// <summary>Agents and methods that name the same budget share it. Unset: one budget per agent.</summary>
    public string? BudgetName { get; set; }

    /// <summary>What becomes of a call that does not fit, for all limits of the method.</summary>
    public AtLimit AtLimit { get; set; }
}
