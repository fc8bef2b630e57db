using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TokenBudget.Generators.Parsing;

/// <summary>Writes a parameter's default value as an expression.</summary>
internal static class DefaultValues
{
    public static string? Of(IParameterSymbol parameter)
    {
        if (!parameter.HasExplicitDefaultValue)
            return null;
        var type = parameter.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : parameter.Type;
        return (parameter.ExplicitDefaultValue, type) switch
        {
            (null, { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated }) => "null",
            (null, { IsReferenceType: true }) => "null!",
            (null, ITypeParameterSymbol) => "default!",
            (null, _) => "default",
            ({ } value, INamedTypeSymbol { TypeKind: TypeKind.Enum } definition) => Enum(definition, value),
            ({ } value, _) => Literal(value),
        };
    }

    /// <summary>An enum's value by its name, or as a cast where it has none.</summary>
    public static string Enum(INamedTypeSymbol type, object value) =>
        EnumName(type, value) is { } name ? $"{type.ToCode()}.{SymbolNames.Escape(name)}" : $"({type.ToCode()})({Literal(value)})";

    public static string? EnumName(INamedTypeSymbol type, object value)
    {
        foreach (var member in type.GetMembers())
            if (member is IFieldSymbol { HasConstantValue: true } field && Equals(field.ConstantValue, value))
                return field.Name;
        return null;
    }

    private static string? Literal(object value) => value switch
    {
        string text => SymbolDisplay.FormatLiteral(text, quote: true),
        char character => SymbolDisplay.FormatLiteral(character, quote: true),
        bool flag => flag ? "true" : "false",
        float.NaN => "float.NaN",
        float.PositiveInfinity => "float.PositiveInfinity",
        float.NegativeInfinity => "float.NegativeInfinity",
        double.NaN => "double.NaN",
        double.PositiveInfinity => "double.PositiveInfinity",
        double.NegativeInfinity => "double.NegativeInfinity",
        float number => number.ToString("R", CultureInfo.InvariantCulture) + "F",
        double number => number.ToString("R", CultureInfo.InvariantCulture) + "D",
        decimal number => number.ToString(CultureInfo.InvariantCulture) + "M",
        long number => number.ToString(CultureInfo.InvariantCulture) + "L",
        uint number => number.ToString(CultureInfo.InvariantCulture) + "U",
        ulong number => number.ToString(CultureInfo.InvariantCulture) + "UL",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };
}
