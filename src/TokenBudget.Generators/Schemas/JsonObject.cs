using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Schemas;

/// <summary>The properties System.Text.Json reads and writes of a type that is neither a list nor a simple value.</summary>
internal sealed class JsonObject
{
    private const string Serialization = "System.Text.Json.Serialization.";

    private JsonObject(IReadOnlyList<JsonProperty> properties) => Properties = properties;

    public IReadOnlyList<JsonProperty> Properties { get; }

    /// <summary>The object a type is; null for one that only the serializer knows how to read.</summary>
    public static JsonObject? Of(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct, IsAbstract: false, IsTupleType: false } named || !IsPlain(named))
            return null;
        if (JsonConstructor.Find(named, out var constructor) is not null)
            return null;

        var properties = new List<JsonProperty>();
        var names = new HashSet<string>();
        for (INamedTypeSymbol? level = named; level is { SpecialType: SpecialType.None }; level = level.BaseType)
        {
            foreach (var member in level.GetMembers())
            {
                if (HasSpecialAttribute(member))
                    return null;
                if (member is not IPropertySymbol { IsStatic: false, IsIndexer: false, GetMethod.DeclaredAccessibility: Accessibility.Public, DeclaredAccessibility: Accessibility.Public } property
                    || IsIgnored(property) || !names.Add(property.Name))
                    continue;
                properties.Add(Read(property, constructor));
            }
        }

        return new JsonObject(properties);
    }

    private static JsonProperty Read(IPropertySymbol property, IMethodSymbol? constructor)
    {
        IParameterSymbol? parameter = null;
        if (constructor is not null)
            foreach (var candidate in constructor.Parameters)
                if (string.Equals(candidate.Name, property.Name, StringComparison.OrdinalIgnoreCase))
                    parameter = candidate;
        string? defaultValue = null;
        if (parameter is not null)
            JsonSchemaWriter.DefaultOf(parameter, out defaultValue);
        return new JsonProperty(
            property.NameArgument(Serialization + "JsonPropertyNameAttribute") ?? CamelCase(property.Name),
            property.Type,
            property,
            property.Type is { IsReferenceType: true, NullableAnnotation: not NullableAnnotation.NotAnnotated },
            parameter is { HasExplicitDefaultValue: false } || property.IsRequired,
            parameter?.Description() ?? property.Description(),
            defaultValue);
    }

    private static bool IsPlain(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? level = type; level is { SpecialType: SpecialType.None }; level = level.BaseType)
        {
            if (HasSpecialAttribute(level))
                return false;
            foreach (var implemented in level.AllInterfaces)
                if (implemented.SpecialType == SpecialType.System_Collections_IEnumerable)
                    return false;
        }

        // Types of the framework have converters of their own.
        return type.ContainingNamespace is not { IsGlobalNamespace: false } space || !space.ToDisplayString().StartsWith("System", StringComparison.Ordinal);
    }

    /// <summary>Attributes that change how a type is read in ways not followed here.</summary>
    private static bool HasSpecialAttribute(ISymbol symbol)
    {
        foreach (var attribute in symbol.GetAttributes())
            if (attribute.AttributeClass is { Name: "JsonConverterAttribute" or "JsonDerivedTypeAttribute" or "JsonPolymorphicAttribute" or "JsonIncludeAttribute"
                or "JsonRequiredAttribute" or "JsonExtensionDataAttribute" or "JsonPropertyOrderAttribute" or "JsonNumberHandlingAttribute" or "JsonUnmappedMemberHandlingAttribute" })
                return true;
        return false;
    }

    private static bool IsIgnored(IPropertySymbol property) =>
        property.Attribute(Serialization + "JsonIgnoreAttribute") is { NamedArguments.Length: 0 }
        || property is { OverriddenProperty: null, Name: "EqualityContract" };

    /// <summary>As <c>JsonNamingPolicy.CamelCase</c> does it: of a run of capitals at the start, all but the one before a small letter.</summary>
    private static string CamelCase(string name)
    {
        if (name.Length == 0 || !char.IsUpper(name[0]))
            return name;
        var characters = name.ToCharArray();
        for (var i = 0; i < characters.Length; i++)
        {
            if (i == 1 && !char.IsUpper(characters[i]))
                break;
            var hasNext = i + 1 < characters.Length;
            if (i > 0 && hasNext && !char.IsUpper(characters[i + 1]))
            {
                if (characters[i + 1] == ' ')
                    characters[i] = char.ToLowerInvariant(characters[i]);
                break;
            }

            characters[i] = char.ToLowerInvariant(characters[i]);
        }

        return new string(characters);
    }
}
