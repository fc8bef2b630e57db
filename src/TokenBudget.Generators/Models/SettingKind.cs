namespace TokenBudget.Generators.Models;

/// <summary>How a setting's value is written in C#.</summary>
internal enum SettingKind
{
    Number,
    Long,
    Usd,
    Text,
    Minutes,
    Seconds,
    Flag,
    Similarity,
    WindowPolicy,
    BudgetPeriod,
    CacheScope,
    RateLimitMode,
    RateEstimate,
    StoreFallback,
    RatePriority,
    AtLimit,
    CostLimits,
}
