using System.Globalization;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Merges the attributes of method, interfaces and assembly, value by value: the nearer one wins.</summary>
internal static class SettingsParser
{
    /// <summary>The highest limit the runtime takes.</summary>
    private const double MostUsd = 1_000_000;

    /// <summary>The settings said at any of the levels.</summary>
    /// <param name="levels">What carries the attributes, the one with the most authority first.</param>
    public static EquatableArray<Setting> Merge(IReadOnlyList<ISymbol> levels)
    {
        var settings = new List<Setting>();
        foreach (var schema in SettingSchema.All)
        {
            var attributes = levels.SelectMany(level => level.Attributes(schema.Attribute)).ToList();
            if (attributes.Count == 0)
                continue;
            if (schema.Flag is { } flag)
                settings.Add(new Setting(flag, SettingKind.Flag, "true"));
            foreach (var argument in schema.Arguments)
                if (ValueOf(levels, schema.Attribute, attributes, argument) is { } value)
                    settings.Add(new Setting(argument.Setting, argument.Kind, value));
        }

        return settings.ToEquatableArray();
    }

    /// <summary>Reports values no policy can hold.</summary>
    public static void Validate(ISymbol level, IParseObserver observer)
    {
        foreach (var schema in SettingSchema.All)
            foreach (var attribute in level.Attributes(schema.Attribute))
                foreach (var argument in schema.Arguments)
                    if (Named(attribute, argument.Name) is { Value: { } value } && !IsPossible(value))
                        observer.Problem(level, attribute, value is double
                            ? $"{argument.Name} must be zero (not said) or more, and 1,000,000 at most"
                            : $"{argument.Name} must be zero (not said) or more");
                    else if (argument.Kind == SettingKind.Similarity && Named(attribute, argument.Name) is { Value: double and not 0 and (< 0.8 or > 1) })
                        observer.Problem(level, attribute, $"{argument.Name} must be from 0.8 to 1; below, questions have no more in common than their topic");
    }

    /// <summary>An argument of an attribute in invariant text; null where it says nothing.</summary>
    public static string? TextOf(AttributeData attribute, string argument) => Named(attribute, argument) is { } constant ? Text(constant) : null;

    private static string? ValueOf(IReadOnlyList<ISymbol> levels, string attribute, List<AttributeData> attributes, SettingArgument argument) => argument switch
    {
        { Kind: SettingKind.CostLimits } => CostLimitsParser.Further(levels, attribute),
        { OfFirstLimit: true } => First(CostLimitsParser.First(levels, attribute), argument),
        _ => First(attributes, argument),
    };

    private static string? First(IEnumerable<AttributeData> attributes, SettingArgument argument)
    {
        foreach (var attribute in attributes)
            if (TextOf(attribute, argument.Name) is { } text)
                return text;
        return null;
    }

    private static TypedConstant? Named(AttributeData attribute, string name)
    {
        foreach (var argument in attribute.NamedArguments)
            if (argument.Key == name && argument.Value.Kind is TypedConstantKind.Primitive or TypedConstantKind.Enum)
                return argument.Value;
        return null;
    }

    /// <summary>The value in invariant text; null where it says nothing. Zero says nothing, except in an enum.</summary>
    private static string? Text(TypedConstant constant) => constant switch
    {
        { Kind: TypedConstantKind.Enum, Type: INamedTypeSymbol type, Value: { } value } =>
            DefaultValues.EnumName(type, value) ?? Convert.ToString(value, CultureInfo.InvariantCulture),
        { Value: string { Length: > 0 } text } => text,
        { Value: true } => "true",
        { Value: int number and not 0 } when IsPossible(number) => number.ToString(CultureInfo.InvariantCulture),
        { Value: long number and not 0 } when IsPossible(number) => number.ToString(CultureInfo.InvariantCulture),
        { Value: double number and not 0 } when IsPossible(number) => ((decimal)number).ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static bool IsPossible(object value) => value switch
    {
        int number => number >= 0,
        long number => number >= 0,
        double number => number is >= 0 and <= MostUsd,
        _ => true,
    };
}
