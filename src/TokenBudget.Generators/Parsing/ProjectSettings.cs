using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>
/// What the project says by MSBuild properties: the last word where no attribute has one. A step of its own behind the parse, so that a parse
/// depends on nothing but the code.
/// </summary>
internal static class ProjectSettings
{
    /// <summary>The attributes whose arguments a project can give, each as <c>TokenBudget</c> and the argument's name.</summary>
    private static readonly string[] Attributes = [WellKnownNames.ChatAgentAttribute, WellKnownNames.TokenBudgetAttribute];

    /// <summary>The MSBuild properties, which the package makes visible to the compiler, by their setting.</summary>
    public static IEnumerable<(string Property, SettingArgument Setting)> Properties
    {
        get
        {
            foreach (var schema in SettingSchema.All)
                if (Array.IndexOf(Attributes, schema.Attribute) >= 0)
                    foreach (var argument in schema.Arguments)
                        yield return ("TokenBudget" + argument.Name, argument);
        }
    }

    public static IncrementalValueProvider<EquatableArray<Setting>> Of(IncrementalValueProvider<AnalyzerConfigOptionsProvider> options) =>
        options.Select(static (provider, _) => Of(provider.GlobalOptions));

    /// <summary>The agent with the project's settings in every method that runs through the budget and says nothing of them itself.</summary>
    public static AgentModel Into(AgentModel agent, EquatableArray<Setting> settings)
    {
        if (settings.Count == 0)
            return agent;
        var members = new List<MemberModel>();
        foreach (var member in agent.Members)
            members.Add(member is CallModel call ? Into(call, settings) : member);
        return agent with { Members = members.ToEquatableArray() };
    }

    /// <summary>The method with the project's settings where it says nothing itself.</summary>
    public static CallModel Into(CallModel call, EquatableArray<Setting> settings) =>
        settings.Count == 0 ? call : call with { Settings = Merge(call.Settings, settings) };

    private static EquatableArray<Setting> Merge(EquatableArray<Setting> said, EquatableArray<Setting> project)
    {
        var merged = new List<Setting>(said);
        foreach (var setting in project)
            if (!merged.Exists(other => other.Name == setting.Name))
                merged.Add(setting);
        return merged.ToEquatableArray();
    }

    /// <summary>What the project says.</summary>
    public static EquatableArray<Setting> Of(AnalyzerConfigOptions options)
    {
        var settings = new List<Setting>();
        foreach (var (property, setting) in Properties)
            if (options.TryGetValue("build_property." + property, out var text) && Read(setting.Kind, text.Trim()) is { } value)
                settings.Add(new Setting(setting.Setting, setting.Kind, value));
        return settings.ToEquatableArray();
    }

    /// <summary>The value, or null where it says nothing. What means nothing is an error of the build before the compiler starts.</summary>
    private static string? Read(SettingKind kind, string text) => kind switch
    {
        SettingKind.Text => text.Length == 0 ? null : text,
        SettingKind.Number or SettingKind.Minutes => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number.ToString(CultureInfo.InvariantCulture) : null,
        SettingKind.WindowPolicy => text is "Economic" or "Sliding" or "None" ? text : null,
        _ => null,
    };
}
