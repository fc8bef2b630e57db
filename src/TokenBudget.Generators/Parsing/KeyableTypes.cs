using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Parsing;

/// <summary>Whether values of a type can be part of a cache key: all they hold must be in their JSON, or two that differ would be taken for equal.</summary>
internal static class KeyableTypes
{
    private static readonly HashSet<string> Plain = new(StringComparer.Ordinal)
    {
        "System.Guid", "System.DateTimeOffset", "System.DateOnly", "System.TimeOnly", "System.TimeSpan", "System.Uri", "System.Version", "System.Half", "System.Int128", "System.UInt128",
        "System.Text.Json.JsonElement", "System.Text.Json.JsonDocument", "System.Text.Json.Nodes.JsonNode", "System.Text.Json.Nodes.JsonObject", "System.Text.Json.Nodes.JsonArray",
        "System.Text.Json.Nodes.JsonValue", WellKnownNames.ChatMessage,
    };

    /// <summary>Why not; null, when they can.</summary>
    /// <param name="type">The type.</param>
    /// <param name="compilation">Where it is used: who derives from a class is looked for there.</param>
    public static string? ProblemOf(ITypeSymbol type, Compilation compilation) =>
        ProblemOf(type, compilation, isInside: false, new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default));

    private static string? ProblemOf(ITypeSymbol type, Compilation compilation, bool isInside, HashSet<ITypeSymbol> seen)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            type = nullable.TypeArguments[0];
        // What stands for a type parameter is not known here; the runtime looks at the value.
        if (type is ITypeParameterSymbol or IErrorTypeSymbol || IsPlain(type) || !seen.Add(type))
            return null;
        var name = type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);
        if (type is IArrayTypeSymbol array)
            return array.Rank == 1 ? ProblemOf(array.ElementType, compilation, isInside: true, seen) : $"{name} has several dimensions, which JSON does not know";
        if (type.IsTupleType)
            return $"{name} is a tuple, and its JSON shows nothing of it; make it a record";
        if (type is not INamedTypeSymbol named || type.TypeKind is not (TypeKind.Class or TypeKind.Struct or TypeKind.Interface) || type.SpecialType == SpecialType.System_Object)
            return $"{name} does not tell what it holds";
        if (HasAttribute(named, "JsonConverterAttribute"))
            return null;
        if (ItemOf(named) is { } item)
            return item.Key is not null && !IsKey(item.Key)
                ? $"{name} has keys that are no text"
                : ProblemOf(item.Value, compilation, isInside: true, seen);
        if (IsFramework(named))
            return $"{name} does not tell what it holds";
        if (named.TypeKind == TypeKind.Interface || named.IsAbstract)
            return HasAttribute(named, "JsonDerivedTypeAttribute") ? null : $"{name} does not tell what it holds, because any type may stand behind it";
        // JSON writes what the declared type has. Of a parameter itself the runtime knows better.
        if (isInside && !named.IsSealed && named.IsReferenceType && !HasAttribute(named, "JsonDerivedTypeAttribute") && HasDerived(named, compilation.Assembly.GlobalNamespace))
            return $"{name} is written without what a type derived from it adds; make it sealed, or name those by [JsonDerivedType]";
        return StateProblem(named, name, compilation, seen);
    }

    /// <summary>Every field must be behind a public property, and of a type that can itself be told.</summary>
    private static string? StateProblem(INamedTypeSymbol type, string name, Compilation compilation, HashSet<ITypeSymbol> seen)
    {
        var hasState = false;
        for (var level = type; level is not null && level.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); level = level.BaseType)
        {
            foreach (var member in level.GetMembers())
            {
                if (member is IPropertySymbol { IsStatic: false, IsIndexer: false } property && IsShown(property))
                {
                    hasState = true;
                    // A property without a field of its own adds nothing that others do not say.
                    if ((IsAuto(property) || property.DeclaringSyntaxReferences.Length == 0) && ProblemOf(property.Type, compilation, isInside: true, seen) is { } problem)
                        return $"in {name}.{property.Name}, {problem}";
                }
                else if (member is IFieldSymbol { IsStatic: false, IsConst: false } field && !IsShown(field))
                {
                    return $"{name} keeps state in '{(field.AssociatedSymbol ?? field).Name}', which its JSON does not show";
                }
            }
        }

        return hasState ? null : $"{name} shows nothing of its state";
    }

    private static bool IsAuto(IPropertySymbol property)
    {
        foreach (var member in property.ContainingType.GetMembers())
            if (member is IFieldSymbol field && SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property))
                return true;
        return false;
    }

    private static bool IsShown(IPropertySymbol property) =>
        property is { DeclaredAccessibility: Accessibility.Public, GetMethod.DeclaredAccessibility: Accessibility.Public } && !HasAttribute(property, "JsonIgnoreAttribute");

    private static bool IsShown(IFieldSymbol field) => field.AssociatedSymbol switch
    {
        IPropertySymbol property => IsShown(property),
        null => field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal) || HasAttribute(field, "JsonIncludeAttribute"),
        _ => false,
    };

    private static bool IsPlain(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum
        || type.SpecialType is (>= SpecialType.System_Boolean and <= SpecialType.System_String) or SpecialType.System_DateTime
        || type.IsOrDerivesFrom(WellKnownNames.AIContent)
        || (type is INamedTypeSymbol { ContainingType: null, Arity: 0 } named && Plain.Contains(named.OriginalDefinition.ToDisplayString()))
        || (type is INamedTypeSymbol { Arity: 1, MetadataName: "Memory`1" or "ReadOnlyMemory`1", TypeArguments: [{ SpecialType: SpecialType.System_Byte }] });

    private static bool IsKey(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Enum || type.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_String || type.ToDisplayString() == "System.Guid";

    /// <summary>What a collection of the framework holds; null for what is none.</summary>
    private static (ITypeSymbol? Key, ITypeSymbol Value)? ItemOf(INamedTypeSymbol type)
    {
        if (!type.ContainingNamespace.ToDisplayString().StartsWith("System.Collections.", StringComparison.Ordinal) || type.MetadataName.StartsWith("IAsync", StringComparison.Ordinal))
            return null;
        return type.TypeArguments switch
        {
            [var item] => (null, item),
            [var key, var value] => (key, value),
            _ => null,
        };
    }

    private static bool IsFramework(INamedTypeSymbol type)
    {
        var space = type.ContainingNamespace;
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
            space = space.ContainingNamespace;
        return type.DeclaringSyntaxReferences.Length == 0 && space.Name is "System" or "Microsoft";
    }

    private static bool HasDerived(INamedTypeSymbol type, INamespaceOrTypeSymbol container)
    {
        foreach (var member in container.GetMembers())
            if ((member is INamedTypeSymbol { BaseType: { } parent } && SymbolEqualityComparer.Default.Equals(parent.OriginalDefinition, type.OriginalDefinition))
                || (member is INamespaceOrTypeSymbol inner && HasDerived(type, inner)))
                return true;
        return false;
    }

    private static bool HasAttribute(ISymbol symbol, string name)
    {
        foreach (var attribute in symbol.GetAttributes())
            if (attribute.AttributeClass is { } type && type.Name == name)
                return true;
        return false;
    }
}
