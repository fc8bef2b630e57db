using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Schemas;

/// <summary>What System.Text.Json takes for a list or a dictionary.</summary>
/// <param name="Key">The type of its keys, when it is a dictionary.</param>
/// <param name="Item">The type of its items or values; null when it does not say.</param>
/// <param name="CanBeFilled">Whether one can be made and filled.</param>
internal sealed record JsonCollection(ITypeSymbol? Key, ITypeSymbol? Item, bool CanBeFilled)
{
    private const string Generic = "System.Collections.Generic.";

    /// <summary>The interfaces that a <c>List</c>, a <c>HashSet</c> or a <c>Dictionary</c> is.</summary>
    private static readonly string[] Interfaces =
    [
        Generic + "IEnumerable`1", Generic + "ICollection`1", Generic + "IList`1", Generic + "IReadOnlyCollection`1", Generic + "IReadOnlyList`1", Generic + "ISet`1",
        Generic + "IDictionary`2", Generic + "IReadOnlyDictionary`2", "System.Collections.IEnumerable", "System.Collections.ICollection", "System.Collections.IList", "System.Collections.IDictionary",
    ];

    /// <summary>What a class must be, so that items can be put into it.</summary>
    private static readonly string[] Fillable =
    [
        Generic + "ICollection`1", Generic + "IDictionary`2", "System.Collections.IList", "System.Collections.IDictionary",
        Generic + "Stack`1", Generic + "Queue`1", "System.Collections.Concurrent.ConcurrentStack`1", "System.Collections.Concurrent.ConcurrentQueue`1",
        "System.Collections.Stack", "System.Collections.Queue",
    ];

    private static readonly HashSet<string> Keys = new(StringComparer.Ordinal)
    {
        "System.DateTimeOffset", "System.DateOnly", "System.TimeOnly", "System.TimeSpan", "System.Guid", "System.Uri", "System.Version", "System.Half", "System.Int128", "System.UInt128",
    };

    /// <summary>The collection a type is; null for what is none.</summary>
    public static JsonCollection? Of(INamedTypeSymbol type)
    {
        var all = type.TypeKind == TypeKind.Interface ? [type, .. type.AllInterfaces] : type.AllInterfaces;
        if (!all.Any(static one => one.SpecialType == SpecialType.System_Collections_IEnumerable))
            return null;
        var dictionary = all.FirstOrDefault(static one => one.Is(Generic + "IDictionary`2")) ?? all.FirstOrDefault(static one => one.Is(Generic + "IReadOnlyDictionary`2"));
        return new JsonCollection(
            dictionary?.TypeArguments[0],
            dictionary?.TypeArguments[1] ?? all.FirstOrDefault(static one => one.Is(Generic + "IEnumerable`1"))?.TypeArguments[0],
            IsFillable(type, all));
    }

    /// <summary>Whether values of a type can be the names of an object's properties.</summary>
    public static bool IsKey(ITypeSymbol type) =>
        type is ITypeParameterSymbol or IErrorTypeSymbol
        || type.TypeKind == TypeKind.Enum
        || type.SpecialType is (>= SpecialType.System_Boolean and <= SpecialType.System_String) or SpecialType.System_DateTime
        || JsonTypes.HasConverter(type)
        || (type is INamedTypeSymbol { ContainingType: null, Arity: 0 } && Keys.Contains(type.OriginalDefinition.ToDisplayString()));

    private static bool IsFillable(INamedTypeSymbol type, IReadOnlyList<INamedTypeSymbol> all)
    {
        if (type.ContainingNamespace.ToDisplayString() == "System.Collections.Immutable")
            return type.ContainingType is null;
        if (type.TypeKind == TypeKind.Interface)
            return Interfaces.Any(name => type.Is(name));
        // A part of an array cannot grow.
        return !type.IsAbstract && !type.Is("System.ArraySegment`1")
            && type.InstanceConstructors.Any(static constructor => constructor is { DeclaredAccessibility: Accessibility.Public, Parameters.Length: 0 })
            && Fillable.Any(name => all.Any(one => one.Is(name)) || type.IsOrDerivesFrom(name));
    }
}
