namespace TokenBudget;

/// <summary>Prices every request, writes it to the ledger and holds a limit in US dollars.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface | AttributeTargets.Assembly)]
public sealed class CostTrackedAttribute : Attribute
{
    /// <summary>The most to spend in one <see cref="Period"/>, in US dollars. Zero: track without a limit.</summary>
    public double LimitUsd { get; set; }

    /// <summary>The period the limit is for.</summary>
    public BudgetPeriod Period { get; set; } = BudgetPeriod.Day;

    /// <summary>Agents and methods that name the same budget share it. Unset: one budget per agent.</summary>
    public string? BudgetName { get; set; }
}
