using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Emission;

/// <summary>Writes a method's policy as data.</summary>
internal static class PolicyEmitter
{
    public static void Emit(SourceWriter writer, string agent, CallModel call, CallFacts facts, string field)
    {
        writer.Open($"private static readonly {Names.AgentMethodPolicy} {field} = new()");
        writer.Line($"Agent = {Quote(agent)},");
        writer.Line($"Method = {Quote(call.PolicyName)},");
        if (call.SystemPrompt is { } prompt)
            writer.Line($"SystemPrompt = {Quote(prompt)},");
        if (facts.Fixed.Total is > 0 and var tokens)
            writer.Line($"FixedTokens = {tokens.ToString(CultureInfo.InvariantCulture)},");
        if (call.Settings.Count > 0)
        {
            writer.Open("Settings = new()");
            foreach (var setting in call.Settings)
                writer.Line($"{setting.Name} = {Literal(setting)},");
            writer.Close(",");
        }

        writer.Close(";");
    }

    public static string Quote(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    private static string Literal(Setting setting) => setting.Kind switch
    {
        SettingKind.Long => setting.Value + "L",
        SettingKind.Usd => setting.Value + "m",
        SettingKind.Text => Quote(setting.Value),
        SettingKind.Minutes => $"global::System.TimeSpan.FromMinutes({setting.Value})",
        SettingKind.Seconds => $"global::System.TimeSpan.FromSeconds({setting.Value})",
        SettingKind.WindowPolicy => Enum(WellKnownNames.WindowPolicy, setting.Value),
        SettingKind.BudgetPeriod => Enum(WellKnownNames.BudgetPeriod, setting.Value),
        SettingKind.CacheScope => Enum(WellKnownNames.CacheScope, setting.Value),
        SettingKind.RateLimitMode => Enum(WellKnownNames.RateLimitMode, setting.Value),
        SettingKind.StoreFallback => Enum(WellKnownNames.StoreFallback, setting.Value),
        SettingKind.RateEstimate => Enum(WellKnownNames.RateEstimate, setting.Value),
        SettingKind.RatePriority => Enum(WellKnownNames.RatePriority, setting.Value),
        SettingKind.AtLimit => Enum(WellKnownNames.AtLimit, setting.Value),
        SettingKind.CostLimits => $"[{string.Join(", ", CostLimitText.Read(setting.Value).Select(CostLimit))}]",
        _ => setting.Value,
    };

    private static string CostLimit(CostLimitText limit) =>
        $"new global::{WellKnownNames.CostLimit}({Enum(WellKnownNames.BudgetScope, limit.Per)}, {Enum(WellKnownNames.BudgetPeriod, limit.Period)}, {limit.Usd}m)";

    // A value without a name is kept as a number, for the runtime to refuse.
    private static string Enum(string type, string value) =>
        char.IsLetter(value[0]) ? $"global::{type}.{value}" : $"(global::{type})({value})";
}
