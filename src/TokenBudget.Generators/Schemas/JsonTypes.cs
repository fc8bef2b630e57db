using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Schemas;

/// <summary>
/// Whether System.Text.Json, with the options of <c>AIJsonUtilities</c>, reads and writes values of a type without an exception and without losing all they hold. It decides so
/// when it meets the type, which is at the first call; here it is known at build. A test holds each answer to what the serializer does.
/// </summary>
internal sealed class JsonTypes
{
    // As deep as a schema goes; a type that grows with every level would never end.
    private const int MaxDepth = 32;

    private const string Serialization = "System.Text.Json.Serialization.";

    private static readonly HashSet<string> Plain = new(StringComparer.Ordinal)
    {
        "System.DateTimeOffset", "System.DateOnly", "System.TimeOnly", "System.TimeSpan", "System.Guid", "System.Uri", "System.Version", "System.Half", "System.Int128", "System.UInt128",
        "System.Text.Json.JsonElement", "System.Text.Json.JsonDocument", "System.Text.Json.Nodes.JsonNode", "System.Text.Json.Nodes.JsonObject", "System.Text.Json.Nodes.JsonArray",
        "System.Text.Json.Nodes.JsonValue",
    };

    private static readonly SymbolDisplayFormat NameFormat =
        SymbolDisplayFormat.CSharpShortErrorMessageFormat.RemoveMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseAsterisksInMultiDimensionalArrays);

    private readonly HashSet<ITypeSymbol> _seen = new(SymbolEqualityComparer.Default);
    private readonly JsonDirection _direction;
    private int _depth;

    private JsonTypes(JsonDirection direction) => _direction = direction;

    /// <summary>Why not, and the way out; null, when they can.</summary>
    /// <param name="type">The type.</param>
    /// <param name="direction">What is done with its values.</param>
    public static string? ProblemOf(ITypeSymbol type, JsonDirection direction) => new JsonTypes(direction).ProblemOf(type);

    private bool IsRead => (_direction & JsonDirection.Read) != 0;

    private bool IsWritten => (_direction & JsonDirection.Write) != 0;

    private string? ProblemOf(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            type = nullable.TypeArguments[0];
        // What stands for a type parameter is not known here. Of an object any JSON is read.
        if (type is ITypeParameterSymbol or IErrorTypeSymbol or IDynamicTypeSymbol || type.SpecialType == SpecialType.System_Object || !_seen.Add(type))
            return null;
        var name = NameOf(type);
        if (_depth >= MaxDepth)
            return $"{name} holds a larger type at every level, without an end";
        _depth++;
        var problem = ProblemOf(type, name);
        _depth--;
        return problem;
    }

    private string? ProblemOf(ITypeSymbol type, string name)
    {
        if (type is IArrayTypeSymbol array)
            return array.Rank == 1 ? ProblemOf(array.ElementType) : $"{name} has several dimensions, which JSON does not know; take an array of arrays";
        if (type is IPointerTypeSymbol or IFunctionPointerTypeSymbol || type.IsRefLikeType)
            return $"{name} exists on the stack alone; take an array";
        if (type is not INamedTypeSymbol named)
            return null;
        if (HasConverter(named) || named.TypeKind == TypeKind.Enum || IsPlain(named))
            return null;
        if (IsUnsupported(named))
            return $"{name} is nothing JSON can hold; take a string, or a record of what matters in it";
        if (named.IsTupleType)
            return $"{name} is a tuple, and JSON knows nothing of its elements; take a record";
        if (named is { Arity: 1, MetadataName: "Memory`1" or "ReadOnlyMemory`1" } && named.ContainingNamespace.ToDisplayString() == "System")
            return ProblemOf(named.TypeArguments[0]);
        if (named.Is("System.Collections.Generic.KeyValuePair`2"))
            return ProblemOf(named.TypeArguments[0]) ?? ProblemOf(named.TypeArguments[1]);
        if (named.Is(WellKnownNames.AsyncEnumerable) && !IsWritten)
            return ProblemOf(named.TypeArguments[0]);
        if (named.Is(WellKnownNames.AsyncEnumerable) || named.AllInterfaces.Any(static one => one.Is(WellKnownNames.AsyncEnumerable)))
            return $"{name} is a stream of values, and JSON is there at once; take a list";
        return JsonCollection.Of(named) is { } collection ? ProblemOf(collection, name) : ProblemOfObject(named, name);
    }

    private string? ProblemOf(JsonCollection collection, string name)
    {
        if (IsRead && !collection.CanBeFilled)
            return $"{name} cannot be filled item by item; take {(collection.Key is null ? "a List<T>" : "a Dictionary<TKey, TValue>")}";
        if (collection.Key is { } key && !JsonCollection.IsKey(key))
            return $"{name} has keys that are no text; take a list";
        return collection.Item is { } item ? ProblemOf(item) : null;
    }

    private string? ProblemOfObject(INamedTypeSymbol type, string name)
    {
        var derived = type.Attributes(Serialization + "JsonDerivedTypeAttribute").ToList();
        // By its name in the JSON alone it is known which type is meant.
        var named = derived.Where(static attribute => attribute.ConstructorArguments.Length == 2).ToList();
        if (IsRead && (type.IsAbstract || type.TypeKind == TypeKind.Interface) && named.Count == 0)
        {
            return $"{name} is {(type.TypeKind == TypeKind.Interface ? "an interface" : "abstract")}, and JSON does not say which type stands behind it; take a class or a record, or name its types by "
                + "[JsonDerivedType(typeof(…), \"…\")]";
        }

        foreach (var attribute in derived)
            if (attribute.ConstructorArguments is [{ Value: INamedTypeSymbol other }, ..] && ProblemOf(other) is { } problem)
                return problem;
        return ProblemOf(SerializedMembers.Of(type), type, isPolymorphic: derived.Count > 0, name);
    }

    private string? ProblemOf(SerializedMembers members, INamedTypeSymbol type, bool isPolymorphic, string name)
    {
        // Of an interface or an abstract class none is made; the types behind it have been looked at.
        if (members.Refusal is { } refusal)
            return $"{name} {refusal}";
        var isOpen = type.IsAbstract || type.TypeKind == TypeKind.Interface;
        var isMade = IsRead && !isOpen;
        if (isMade && members.Problem is { } problem)
            return $"{name} {problem}";
        if (isMade && members.HasState && !members.All.Any(static member => member.IsRead))
            return $"{name} has nothing that JSON could set: no property with a setter, no parameter of its constructor; take a record";
        if (IsWritten && (members.HasState || (isOpen && !isPolymorphic)) && !members.All.Any(static member => member.IsWritten))
            return $"{name} shows nothing in JSON, for it has no public property; take a record";
        foreach (var member in members.All)
            if (member.Type is { } held && ((member.IsRead && isMade) || (member.IsWritten && IsWritten)) && ProblemOf(held) is { } inner)
                return $"in {name}.{member.Name}, {inner}";
        return null;
    }

    /// <summary>A converter of the user's is taken at its word.</summary>
    public static bool HasConverter(ISymbol symbol)
    {
        foreach (var attribute in symbol.GetAttributes())
            if (attribute.AttributeClass.IsOrDerivesFrom(Serialization + "JsonConverterAttribute"))
                return true;
        return false;
    }

    private static string NameOf(ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(NameFormat);

    private static bool IsPlain(INamedTypeSymbol type) =>
        type.SpecialType is (>= SpecialType.System_Boolean and <= SpecialType.System_String) or SpecialType.System_DateTime
        // Of these the library has its own way.
        || type.Is(WellKnownNames.ChatMessage) || type.IsOrDerivesFrom(WellKnownNames.AIContent)
        || (type is { ContainingType: null, Arity: 0 } && Plain.Contains(type.OriginalDefinition.ToDisplayString()));

    /// <summary>What the serializer refuses by name; and streams, whose properties it would take for what they hold.</summary>
    private static bool IsUnsupported(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Delegate
        || type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr or SpecialType.System_Delegate or SpecialType.System_MulticastDelegate
        || type.IsOrDerivesFrom("System.Reflection.MemberInfo")
        || type.IsOrDerivesFrom("System.IO.Stream")
        || type.Is("System.Runtime.Serialization.SerializationInfo");
}
