using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Schemas;

/// <summary>Texts that attributes give to symbols.</summary>
internal static class SymbolTexts
{
    /// <summary>What <c>[Description]</c> says, or null.</summary>
    public static string? Description(this ISymbol symbol) => symbol.NameArgument("System.ComponentModel.DescriptionAttribute");

    /// <summary>The text an attribute is given, or null.</summary>
    public static string? NameArgument(this ISymbol symbol, string attribute) =>
        symbol.Attribute(attribute) is { ConstructorArguments: [{ Kind: TypedConstantKind.Primitive, Value: string text }] } ? text : null;

    public static bool HasAttribute(this ISymbol symbol, string attribute) => symbol.Attribute(attribute) is not null;
}
