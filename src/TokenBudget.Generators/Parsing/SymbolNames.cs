using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TokenBudget.Generators.Parsing;

/// <summary>Names of symbols: to compare with, and to write into code.</summary>
internal static class SymbolNames
{
    /// <summary><c>global::</c>, keywords escaped, nullability kept: what a type must look like to be the same type in another file.</summary>
    private static readonly SymbolDisplayFormat InCode = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers
        | SymbolDisplayMiscellaneousOptions.UseSpecialTypes
        | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private static readonly SymbolDisplayFormat NamespaceInCode =
        InCode.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    public static string ToCode(this ITypeSymbol type) => type.ToDisplayString(InCode);

    public static string ToCode(this INamespaceSymbol space) =>
        space.IsGlobalNamespace ? "" : space.ToDisplayString(NamespaceInCode);

    /// <summary>The identifier as it can be written anywhere; <c>field</c> is a keyword inside an accessor only, and we may be in one.</summary>
    public static string Escape(string identifier) =>
        SyntaxFacts.GetKeywordKind(identifier) == SyntaxKind.None && identifier != "field" ? identifier : "@" + identifier;

    /// <summary>Whether a type is the one with a metadata name such as <c>System.Threading.Tasks.Task`1</c>; no lookup, no allocation.</summary>
    public static bool Is(this ITypeSymbol? type, string metadataName)
    {
        if (type is not INamedTypeSymbol { ContainingType: null } named)
            return false;
        var end = metadataName.Length;
        return EndsWith(metadataName, ref end, named.OriginalDefinition.MetadataName) && IsNamespace(metadataName, end, named.ContainingNamespace);
    }

    /// <summary>Whether a class or one of its bases is the one with a metadata name.</summary>
    public static bool IsOrDerivesFrom(this ITypeSymbol? type, string metadataName)
    {
        for (; type is not null; type = type.BaseType)
            if (type.Is(metadataName))
                return true;
        return false;
    }

    public static AttributeData? Attribute(this ISymbol symbol, string metadataName)
    {
        foreach (var attribute in symbol.GetAttributes())
            if (attribute.AttributeClass.Is(metadataName))
                return attribute;
        return null;
    }

    /// <summary>The attributes of one name, in the order they are written.</summary>
    public static IEnumerable<AttributeData> Attributes(this ISymbol symbol, string metadataName) =>
        symbol.GetAttributes().Where(attribute => attribute.AttributeClass.Is(metadataName));

    private static bool IsNamespace(string name, int end, INamespaceSymbol? space)
    {
        for (; space is { IsGlobalNamespace: false }; space = space.ContainingNamespace)
        {
            if (end == 0 || name[--end] != '.' || !EndsWith(name, ref end, space.Name))
                return false;
        }

        return end == 0;
    }

    private static bool EndsWith(string name, ref int end, string part)
    {
        end -= part.Length;
        return end >= 0 && string.CompareOrdinal(name, end, part, 0, part.Length) == 0;
    }
}
