using System.Globalization;

namespace TokenBudget.Configuration;

/// <summary>A limit in US dollars.</summary>
/// <param name="Per">Who has it for itself.</param>
/// <param name="Period">The time it is for.</param>
/// <param name="Usd">The most to spend.</param>
public sealed record CostLimit(BudgetScope Per, BudgetPeriod Period, decimal Usd)
{
    /// <summary>For example <c>$1.50 a day for each tenant</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"${Usd:0.00##########} {PeriodText.Of(Period)}") + (Per == BudgetScope.Shared ? string.Empty : $" for each {Per.ToString().ToLowerInvariant()}");
}
