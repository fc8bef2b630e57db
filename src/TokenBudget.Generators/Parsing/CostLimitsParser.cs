using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>
/// Tells the limits in dollars apart, of which a method may have several. The first of each level that is shared by all calls is the budget's own, merged
/// value by value like any setting; the others add up, and of two for the same scope and period the nearer one holds.
/// </summary>
internal static class CostLimitsParser
{
    private const string Shared = "Shared";
    private const string Day = "Day";

    /// <summary>The attribute of each level that states the budget's own limit.</summary>
    public static IEnumerable<AttributeData> First(IReadOnlyList<ISymbol> levels, string attribute) =>
        levels.Select(level => level.Attributes(attribute).FirstOrDefault(IsShared)).OfType<AttributeData>();

    /// <summary>The other limits as the text of a setting; null when there are none.</summary>
    public static string? Further(IReadOnlyList<ISymbol> levels, string attribute)
    {
        var own = new HashSet<AttributeData>(First(levels, attribute));
        var limits = new List<CostLimitText>();
        foreach (var other in levels.SelectMany(level => level.Attributes(attribute)).Where(other => !own.Contains(other)))
        {
            if (SettingsParser.TextOf(other, "LimitUsd") is not { } usd)
                continue;
            var limit = new CostLimitText(SettingsParser.TextOf(other, "Per") ?? Shared, SettingsParser.TextOf(other, "Period") ?? Day, usd);
            if (!limits.Exists(known => (known.Per, known.Period) == (limit.Per, limit.Period)))
                limits.Add(limit);
        }

        return limits.Count == 0 ? null : CostLimitText.Write(limits);
    }

    private static bool IsShared(AttributeData attribute) => SettingsParser.TextOf(attribute, "Per") is null or Shared;
}
