using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Parsing;

/// <summary>What the type of a value tells about its text.</summary>
internal static class ValueTypes
{
    /// <summary>Types whose values differ from call to call: nobody asks twice at the same instant.</summary>
    private static readonly string[] Volatile = ["System.DateTime", "System.DateTimeOffset", "System.TimeOnly", "System.Guid"];

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
