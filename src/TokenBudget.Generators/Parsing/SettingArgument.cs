using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>A named argument of an attribute and the setting it is.</summary>
/// <param name="Name">The argument.</param>
/// <param name="Setting">The property of <c>BudgetSettings</c>.</param>
/// <param name="Kind">How its value is written.</param>
/// <param name="OfFirstLimit">Whether it belongs to the limit the attribute states, so that only the first limit of a level speaks for the setting.</param>
internal sealed record SettingArgument(string Name, string Setting, SettingKind Kind, bool OfFirstLimit = false);
