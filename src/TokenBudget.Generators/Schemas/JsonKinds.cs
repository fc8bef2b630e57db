using System.Text;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Schemas;

/// <summary>What types are in JSON, as System.Text.Json writes them.</summary>
internal static class JsonKinds
{
    /// <summary>Any JSON at all.</summary>
    public const string Any = "";

    private const string Text = "\"type\":\"string\"";

    private static readonly Dictionary<string, string> Known = new()
    {
        ["System.Guid"] = Text + ",\"format\":\"uuid\"",
        ["System.DateTime"] = Text + ",\"format\":\"date-time\"",
        ["System.DateTimeOffset"] = Text + ",\"format\":\"date-time\"",
        ["System.DateOnly"] = Text + ",\"format\":\"date\"",
        ["System.TimeOnly"] = Text + ",\"format\":\"time\"",
        ["System.Uri"] = Text + ",\"format\":\"uri\"",
        ["System.TimeSpan"] = "\"$comment\":\"Represents a System.TimeSpan value.\"," + Text + ",\"pattern\":\"^-?(\\\\d+\\\\.)?\\\\d{2}:\\\\d{2}:\\\\d{2}(\\\\.\\\\d{1,7})?$\"",
        ["System.Text.Json.JsonElement"] = Any,
        ["System.Text.Json.Nodes.JsonNode"] = Any,
    };

    private static readonly HashSet<string> Lists =
    [
        "System.Collections.Generic.IEnumerable`1",
        "System.Collections.Generic.ICollection`1",
        "System.Collections.Generic.IList`1",
        "System.Collections.Generic.ISet`1",
        "System.Collections.Generic.IReadOnlyCollection`1",
        "System.Collections.Generic.IReadOnlyList`1",
        "System.Collections.Generic.List`1",
        "System.Collections.Generic.HashSet`1",
        "System.Collections.Immutable.ImmutableArray`1",
        "System.Collections.Immutable.ImmutableList`1",
    ];

    private static readonly HashSet<string> Dictionaries =
    [
        "System.Collections.Generic.IDictionary`2",
        "System.Collections.Generic.IReadOnlyDictionary`2",
        "System.Collections.Generic.Dictionary`2",
    ];

    /// <summary>What a type is; nothing for what is an object, or nothing that is known here.</summary>
    public static JsonKind Of(ITypeSymbol type)
    {
        if (Simple(type) is { } schema)
            return new JsonKind(schema);
        if (type is IArrayTypeSymbol { Rank: 1, ElementType: var element })
            return element.SpecialType == SpecialType.System_Byte ? new JsonKind(Text) : new JsonKind(Item: element);
        if (type is not INamedTypeSymbol named)
            return default;
        if (type.TypeKind == TypeKind.Enum)
            return new JsonKind(Enum(named));
        if (named.TypeArguments is [var item] && IsOneOf(named, Lists))
            return new JsonKind(Item: item);
        return named.TypeArguments is [{ SpecialType: SpecialType.System_String }, var value] && IsOneOf(named, Dictionaries)
            ? new JsonKind(Value: value)
            : default;
    }

    /// <summary>The inside of a schema that allows null too.</summary>
    public static string Nullable(string schema)
    {
        const string Type = "\"type\":\"";
        var start = schema.IndexOf(Type, StringComparison.Ordinal) + Type.Length;
        var end = schema.IndexOf('"', start);
        var nullable = schema.Substring(0, start - 1) + "[" + schema.Substring(start - 1, end - start + 2) + ",\"null\"]" + schema.Substring(end + 1);
        return nullable.EndsWith("]", StringComparison.Ordinal) && schema.EndsWith("]", StringComparison.Ordinal)
            ? nullable.Substring(0, nullable.Length - 1) + ",null]"
            : nullable;
    }

    private static string? Simple(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_String => Text,
        SpecialType.System_Boolean => "\"type\":\"boolean\"",
        SpecialType.System_Char => Text + ",\"minLength\":1,\"maxLength\":1",
        SpecialType.System_SByte or SpecialType.System_Byte or SpecialType.System_Int16 or SpecialType.System_UInt16 or SpecialType.System_Int32
            or SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64 => "\"type\":\"integer\"",
        SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_Decimal => "\"type\":\"number\"",
        SpecialType.System_Object => Any,
        _ => type is INamedTypeSymbol { Arity: 0, ContainingType: null } && Known.TryGetValue(type.OriginalDefinition.ToDisplayString(), out var schema) ? schema : null,
    };

    private static string? Enum(INamedTypeSymbol type)
    {
        if (type.HasAttribute("System.Text.Json.Serialization.JsonConverterAttribute"))
            return null;
        // A combination of flags is written as a list in one text.
        if (type.HasAttribute("System.FlagsAttribute"))
            return Text;
        var json = new StringBuilder(Text).Append(",\"enum\":[");
        var isFirst = true;
        foreach (var member in type.GetMembers())
        {
            if (member is not IFieldSymbol { HasConstantValue: true })
                continue;
            if (member.HasAttribute("System.Text.Json.Serialization.JsonStringEnumMemberNameAttribute"))
                return null;
            if (!isFirst)
                json.Append(',');
            isFirst = false;
            json.AppendJson(member.Name);
        }

        return json.Append(']').ToString();
    }

    private static bool IsOneOf(INamedTypeSymbol type, HashSet<string> names)
    {
        foreach (var name in names)
            if (type.Is(name))
                return true;
        return false;
    }
}
