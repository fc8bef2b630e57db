using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Schemas;

/// <summary>What System.Text.Json reads and writes of a type that is neither a value nor a collection.</summary>
internal sealed class SerializedMembers
{
    private const string Serialization = "System.Text.Json.Serialization.";

    private readonly List<SerializedMember> _all = [];
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    private SerializedMembers()
    {
    }

    /// <summary>The properties and fields.</summary>
    public IReadOnlyList<SerializedMember> All => _all;

    /// <summary>Whether an object holds, to the eye, anything at all.</summary>
    public bool HasState { get; private set; }

    /// <summary>Why no object can be made of JSON, with the way out; null, when one can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Why the serializer refuses the type as a whole, with the way out; null, when it does not.</summary>
    public string? Refusal { get; private set; }

    public static SerializedMembers Of(INamedTypeSymbol type)
    {
        var members = new SerializedMembers { Problem = JsonConstructor.Find(type, out var constructor) };
        if (members.Problem is not null && type.DeclaringSyntaxReferences.Length == 0)
            members.Problem = "has no constructor that JSON could choose; take a record of what matters in it";
        var parameters = constructor is null ? [] : constructor.Parameters.ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (INamedTypeSymbol? level = type; level is { SpecialType: SpecialType.None }; level = level.BaseType)
            members.Add(level, parameters, seen);
        if (type.TypeKind == TypeKind.Interface)
            foreach (var inherited in type.AllInterfaces)
                members.Add(inherited, parameters, seen);
        if (parameters.Count > 0)
            members.Problem ??= $"has a constructor whose parameter '{parameters[0].Name}' is no property of the same name and type, so JSON cannot fill it; make it one";
        return members;
    }

    private void Add(INamedTypeSymbol level, List<IParameterSymbol> parameters, HashSet<string> seen)
    {
        foreach (var member in level.GetMembers())
            if (!member.IsStatic && !member.IsImplicitlyDeclared && member.CanBeReferencedByName && (member is IPropertySymbol { IsIndexer: false } || member is IFieldSymbol { IsConst: false }) && seen.Add(member.Name))
                Add(member, parameters);
    }

    private void Add(ISymbol member, List<IParameterSymbol> parameters)
    {
        var isIncluded = member.HasAttribute(Serialization + "JsonIncludeAttribute");
        var type = member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type;
        var (get, set) = member switch
        {
            IPropertySymbol { GetMethod: var getter, SetMethod: var setter } => (IsOpen(getter, isIncluded), IsOpen(setter, isIncluded)),
            IFieldSymbol field => (isIncluded, isIncluded && !field.IsReadOnly),
            _ => (false, false),
        };
        var ignored = IgnoreOf(member);
        HasState |= (get || member is { Kind: SymbolKind.Field, DeclaredAccessibility: Accessibility.Public }) && ignored != Ignore.Always;
        if (!get && !set)
            return;
        set |= TryTake(parameters, member.Name, type) || IsPopulated(member);
        if (ignored == Ignore.Always)
            return;
        if (type.IsRefLikeType || type is IPointerTypeSymbol or IFunctionPointerTypeSymbol || member is IPropertySymbol { RefKind: not RefKind.None })
            Refusal ??= $"has the property '{member.Name}', whose value cannot be stored; mark it [JsonIgnore]";
        var name = member.NameArgument(Serialization + "JsonPropertyNameAttribute") ?? member.Name;
        if (!_names.Add(name))
            Problem ??= $"has two properties that are '{name}' in JSON; give one of them another [JsonPropertyName]";
        var isOpaque = JsonTypes.HasConverter(member) || member.HasAttribute(Serialization + "JsonExtensionDataAttribute");
        _all.Add(new SerializedMember(member.Name, isOpaque ? null : type, set && ignored != Ignore.WhenReading, get && ignored != Ignore.WhenWriting));
    }

    private static bool IsOpen(IMethodSymbol? accessor, bool isIncluded) => accessor is not null && (isIncluded || accessor.DeclaredAccessibility == Accessibility.Public);

    /// <summary>Whether a parameter of the constructor sets it, which then is taken care of.</summary>
    private static bool TryTake(List<IParameterSymbol> parameters, string name, ITypeSymbol type) =>
        parameters.RemoveAll(parameter => parameter.RefKind == RefKind.None && parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && SymbolEqualityComparer.Default.Equals(parameter.Type, type)) > 0;

    /// <summary>Whether what it holds is filled, so that it needs no setter.</summary>
    private static bool IsPopulated(ISymbol member)
    {
        var attribute = member.Attribute(Serialization + "JsonObjectCreationHandlingAttribute") ?? member.ContainingType.Attribute(Serialization + "JsonObjectCreationHandlingAttribute");
        return attribute is { ConstructorArguments: [{ Value: 1 }] };
    }

    private static Ignore IgnoreOf(ISymbol member)
    {
        if (member.Attribute(Serialization + "JsonIgnoreAttribute") is not { } attribute)
            return Ignore.Never;
        foreach (var argument in attribute.NamedArguments)
            if (argument is { Key: "Condition", Value.Value: int condition })
                return (Ignore)condition;
        return Ignore.Always;
    }

    /// <summary>The conditions of <c>[JsonIgnore]</c> that matter here.</summary>
    private enum Ignore
    {
        Never = 0,
        Always = 1,
        WhenWriting = 4,
        WhenReading = 5,
    }
}
