using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Parsing;

/// <summary>What the type of a value tells about its text.</summary>
internal static class ValueTypes
{
    /// <summary>Types whose values differ from call to call: nobody asks twice at the same instant.</summary>
    private static readonly string[] Volatile = ["System.DateTime", "System.DateTimeOffset", "System.TimeOnly", "System.Guid"];

    /// <summary>Abstract classes that are no data whatever stands behind them.</summary>
    private static readonly string[] Handles = ["System.IO.Stream", "System.IO.TextReader", "System.IO.TextWriter"];

    private static readonly string[] Short = [.. Volatile, "System.DateOnly", "System.TimeSpan", "System.Version"];

    /// <summary>Whether a value takes a few tokens, whatever it is.</summary>
    public static bool IsShort(this ITypeSymbol type)
    {
        type = Underlying(type);
        return type.TypeKind == TypeKind.Enum
            || type.SpecialType is SpecialType.System_Boolean or SpecialType.System_Char or (>= SpecialType.System_SByte and <= SpecialType.System_Double)
            || IsOneOf(type, Short);
    }

    /// <summary>Whether a value is another one at every call.</summary>
    public static bool IsVolatile(this ITypeSymbol type) => IsOneOf(Underlying(type), Volatile);

    /// <summary>Whether a value has a text that tells something of it. Where it says <c>object</c>, an interface or a type parameter, the value itself decides.</summary>
    public static bool HasText(this ITypeSymbol type) => HasText(type, depth: 0);

    private static bool HasText(ITypeSymbol type, int depth)
    {
        type = Underlying(type);
        if (type is IArrayTypeSymbol { ElementType: var element })
            return HasText(element, depth + 1);
        if (type.TypeKind == TypeKind.Delegate)
            return false;
        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct) || type.SpecialType != SpecialType.None || Implements(type, "System.IFormattable"))
            return true;
        // The items of a list are written one by one.
        foreach (var implemented in type.AllInterfaces)
            if (implemented is { OriginalDefinition.SpecialType: SpecialType.System_Collections_Generic_IEnumerable_T, TypeArguments: [var item] })
                return depth > 8 || HasText(item, depth + 1);
        return Implements(type, "System.Collections.IEnumerable") || OverridesToString(type) || (type.IsAbstract && !IsOneOf(type, Handles));
    }

    private static bool Implements(ITypeSymbol type, string name) => type.AllInterfaces.Any(implemented => implemented.Is(name));

    private static bool OverridesToString(ITypeSymbol type)
    {
        for (var level = type; level is not null && level.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); level = level.BaseType)
            foreach (var member in level.GetMembers("ToString"))
                if (member is IMethodSymbol { IsOverride: true, Parameters.Length: 0 })
                    return true;
        return false;
    }

    private static ITypeSymbol Underlying(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var value] } ? value : type;

    private static bool IsOneOf(ITypeSymbol type, string[] names)
    {
        foreach (var name in names)
            if (type.Is(name))
                return true;
        return false;
    }
}
