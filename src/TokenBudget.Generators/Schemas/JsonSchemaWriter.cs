using System.Text;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Schemas;

/// <summary>
/// Writes the JSON schema of a type, the one <c>AIJsonUtilities.CreateJsonSchema</c> makes at run time by reflection: web names, enums by
/// name, <c>$ref</c> where a type holds itself. What only the serializer could know (converters, polymorphism, type parameters, interfaces) has
/// none, and the run time makes it.
/// </summary>
internal sealed class JsonSchemaWriter
{
    // Deeper than any model follows; a type that grows with every level would never end.
    private const int MaxDepth = 32;

    private readonly StringBuilder _json = new();
    private readonly List<string> _path = ["#"];
    private readonly List<(ITypeSymbol Type, ISymbol? Property, string Pointer)> _written = [];

    private JsonSchemaWriter()
    {
    }

    /// <summary>The schema of a type; null for one that has none at build time.</summary>
    /// <param name="type">The type.</param>
    /// <param name="pointer">Where in the whole schema it will stand.</param>
    public static string? Of(ITypeSymbol type, params string[] pointer)
    {
        var writer = new JsonSchemaWriter();
        writer._path.AddRange(pointer);
        return writer.TryWrite(type, property: null, isNullable: false, type.Description(), defaultValue: null) ? writer._json.ToString() : null;
    }

    /// <summary>The schema of a parameter, with its description and default value; null for a type that has none at build time.</summary>
    public static string? Of(IParameterSymbol parameter)
    {
        var writer = new JsonSchemaWriter();
        writer._path.AddRange(["properties", parameter.Name]);
        var isNullable = parameter.Type is { IsReferenceType: true, NullableAnnotation: not NullableAnnotation.NotAnnotated };
        return DefaultOf(parameter, out var value)
            && writer.TryWrite(parameter.Type, parameter, isNullable, InheritedDescription(parameter) ?? parameter.Type.Description(), value)
            ? writer._json.ToString()
            : null;
    }

    /// <summary>What is said of a parameter, here or where its method is overridden from.</summary>
    private static string? InheritedDescription(IParameterSymbol parameter)
    {
        for (var level = parameter.ContainingSymbol as IMethodSymbol; level is not null; level = level.OverriddenMethod)
            if (level.Parameters[parameter.Ordinal].Description() is { } description)
                return description;
        return null;
    }

    private bool TryWrite(ITypeSymbol type, ISymbol? property, bool isNullable, string? description, string? defaultValue)
    {
        if (_path.Count > MaxDepth)
            return false;
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var value] })
            return TryWrite(value, property, isNullable: true, description, defaultValue);

        var kind = JsonKinds.Of(type);
        if (kind.Schema == JsonKinds.Any)
        {
            _json.Append(description is null && defaultValue is null ? "true" : "{" + string.Join(",", Facts(description, defaultValue)) + "}");
            return true;
        }

        _json.Append('{').Append(Prefix(description));
        var isWritten = true;
        if (kind.Schema is { } schema)
            _json.Append(isNullable ? JsonKinds.Nullable(schema) : schema);
        else if (Find(type, property) is { } pointer)
            _json.Append("\"$ref\":").AppendJson(pointer);
        else
            isWritten = TryWriteStructure(type, property, kind, isNullable);
        if (defaultValue is not null)
            _json.Append(",\"default\":").Append(defaultValue);
        _json.Append('}');
        return isWritten;
    }

    /// <summary>Where a type was written before, in the same part: what holds itself would have no end otherwise.</summary>
    private string? Find(ITypeSymbol type, ISymbol? property)
    {
        foreach (var (writtenType, writtenProperty, pointer) in _written)
            if (SymbolEqualityComparer.Default.Equals(writtenType, type) && SymbolEqualityComparer.Default.Equals(writtenProperty, property))
                return pointer;
        return null;
    }

    private bool TryWriteStructure(ITypeSymbol type, ISymbol? property, JsonKind kind, bool isNullable)
    {
        _written.Add((type, property, string.Join("/", _path)));
        if (kind.Item is { } item)
        {
            _json.Append(isNullable ? "\"type\":[\"array\",\"null\"],\"items\":" : "\"type\":\"array\",\"items\":");
            return TryWriteAt("items", item);
        }

        if (kind.Value is { } value)
        {
            _json.Append(isNullable ? "\"type\":[\"object\",\"null\"],\"additionalProperties\":" : "\"type\":\"object\",\"additionalProperties\":");
            return TryWriteAt("additionalProperties", value);
        }

        return JsonObject.Of(type) is { } shape && TryWriteObject(shape, isNullable);
    }

    private bool TryWriteObject(JsonObject shape, bool isNullable)
    {
        _json.Append(isNullable ? "\"type\":[\"object\",\"null\"]" : "\"type\":\"object\"");
        var required = new List<string>();
        for (var i = 0; i < shape.Properties.Count; i++)
        {
            var property = shape.Properties[i];
            _json.Append(i == 0 ? ",\"properties\":{" : ",").AppendJson(property.Name).Append(':');
            _path.AddRange(["properties", property.Name.Replace("~", "~0").Replace("/", "~1")]);
            var isWritten = TryWrite(property.Type, property.Symbol, property.IsNullable, property.Description ?? property.Type.Description(), property.Default);
            _path.RemoveRange(_path.Count - 2, 2);
            if (!isWritten)
                return false;
            if (property.IsRequired)
                required.Add(new StringBuilder().AppendJson(property.Name).ToString());
        }

        if (shape.Properties.Count > 0)
            _json.Append('}');
        if (required.Count > 0)
            _json.Append(",\"required\":[").Append(string.Join(",", required)).Append(']');
        return true;
    }

    private bool TryWriteAt(string step, ITypeSymbol type)
    {
        _path.Add(step);
        var isWritten = TryWrite(type, property: null, isNullable: false, type.Description(), defaultValue: null);
        _path.RemoveAt(_path.Count - 1);
        return isWritten;
    }

    /// <summary>The default value as JSON, none being null; false for one that cannot be written.</summary>
    public static bool DefaultOf(IParameterSymbol parameter, out string? json)
    {
        json = null;
        if (!parameter.HasExplicitDefaultValue)
            return true;
        var value = parameter.ExplicitDefaultValue;
        var type = parameter.Type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T, TypeArguments: [var inner] }
            ? inner
            : parameter.Type;
        if (value is not null && type.TypeKind == TypeKind.Enum)
            json = EnumDefault(type, value);
        else if (value is not null || type.IsReferenceType || !SymbolEqualityComparer.Default.Equals(type, parameter.Type))
            json = JsonText.Of(value);
        else
            return false;
        return json is not null;
    }

    private static string? EnumDefault(ITypeSymbol type, object value)
    {
        foreach (var member in type.GetMembers())
            if (member is IFieldSymbol { HasConstantValue: true } field && Equals(field.ConstantValue, value))
                return JsonText.Of(field.Name);
        return null;
    }

    private static IEnumerable<string> Facts(string? description, string? defaultValue)
    {
        if (description is not null)
            yield return "\"description\":" + JsonText.Of(description);
        if (defaultValue is not null)
            yield return "\"default\":" + defaultValue;
    }

    private static string Prefix(string? description) => description is null ? "" : $"\"description\":{JsonText.Of(description)},";
}
