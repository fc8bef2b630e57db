using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Diagnostics;

/// <summary>Makes descriptors, so that each has its category and its help page.</summary>
internal static class Rule
{
    private const string Pages = "https://github.com/tokenbudget/tokenbudget/blob/main/docs/rules/";

    /// <summary>What is wrong with plain chat client code.</summary>
    public const string Cost = "TokenBudget.Cost";

    /// <summary>What lets others read what users said.</summary>
    public const string Privacy = "TokenBudget.Privacy";

    /// <summary>What is wrong with an attributed interface.</summary>
    public const string Agents = "TokenBudget.Agents";

    /// <summary>The page that explains a rule.</summary>
    public static string HelpLink(string id) => $"{Pages}{id}.md";
}
