namespace TokenBudget.Generators.Models;

/// <summary>One value of the policy.</summary>
/// <param name="Name">The property of <c>BudgetSettings</c>.</param>
/// <param name="Kind">How the value is written.</param>
/// <param name="Value">The value, in invariant text.</param>
internal readonly record struct Setting(string Name, SettingKind Kind, string Value);
