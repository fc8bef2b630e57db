namespace TokenBudget.Generators.Models;

/// <summary>How a setting's value is written in C#.</summary>
internal enum SettingKind
{
    Number,
    Long,
    Usd,
    Text,
    Minutes,
    Flag,
    WindowPolicy,
    BudgetPeriod,
    CacheScope,
}
