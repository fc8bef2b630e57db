namespace TokenBudget.Configuration;

/// <summary>Periods in the words of a sentence.</summary>
internal static class PeriodText
{
    /// <summary>For example <c>a day</c>, to stand behind an amount.</summary>
    public static string Of(BudgetPeriod period) => period switch
    {
        BudgetPeriod.Total => "in total",
        BudgetPeriod.Hour => "an hour",
        BudgetPeriod.Day => "a day",
        _ => "a month",
    };
}
