namespace TokenBudget.Generators.Models;

/// <summary>A further limit in dollars, in the words of a setting's text: <c>Tenant Day 1.5</c>, several joined by commas.</summary>
/// <param name="Per">Who has it, by the name of the enum's member or its number.</param>
/// <param name="Period">For which time, likewise.</param>
/// <param name="Usd">How much, in invariant text.</param>
internal readonly record struct CostLimitText(string Per, string Period, string Usd)
{
    public static string Write(IEnumerable<CostLimitText> limits) => string.Join(",", limits.Select(static limit => $"{limit.Per} {limit.Period} {limit.Usd}"));

    public static IEnumerable<CostLimitText> Read(string text) =>
        text.Split(',').Select(static limit => limit.Split(' ')).Select(static words => new CostLimitText(words[0], words[1], words[2]));
}
