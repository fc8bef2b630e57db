using System.Text;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Reads parameters: as a signature, and as parts of a call.</summary>
internal static class ParameterParser
{
    private static readonly HashSet<string> ListTypes =
    [
        "System.Collections.Generic.IEnumerable`1",
        "System.Collections.Generic.ICollection`1",
        "System.Collections.Generic.IList`1",
        "System.Collections.Generic.IReadOnlyCollection`1",
        "System.Collections.Generic.IReadOnlyList`1",
        WellKnownNames.List,
    ];

    /// <summary>Parameters as they are declared, without a part in any call.</summary>
    public static EquatableArray<ParameterModel> Signature(IEnumerable<IParameterSymbol> parameters, bool withDefaults)
    {
        var models = new List<ParameterModel>();
        foreach (var parameter in parameters)
            models.Add(Model(parameter, ParameterRole.KeyPart, withDefaults));
        return models.ToEquatableArray();
    }

    public static ParameterModel Model(IParameterSymbol parameter, ParameterRole role, bool withDefault) => new(
        parameter.Name,
        parameter.Type.ToCode(),
        parameter.RefKind switch
        {
            RefKind.Ref => "ref",
            RefKind.Out => "out",
            RefKind.In => "in",
            RefKind.RefReadOnlyParameter => "ref readonly",
            _ => "",
        },
        parameter.IsParams,
        withDefault ? DefaultValues.Of(parameter) : null,
        role,
        parameter.Type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated },
        MaxTokens(parameter) ?? 0,
        parameter.Type.IsShort(),
        parameter.Type.HasText());

    /// <summary>What a parameter is by its type and attributes alone.</summary>
    public static ParameterRole Role(IParameterSymbol parameter)
    {
        if (parameter.Type.Is(WellKnownNames.CancellationToken))
            return ParameterRole.Cancellation;
        if (parameter.Type.Is(WellKnownNames.Conversation))
            return ParameterRole.Conversation;
        if (parameter.Type.Is(WellKnownNames.ChatOptions))
            return ParameterRole.Options;
        if (parameter.Type.Is(WellKnownNames.ChatMessage))
            return ParameterRole.Message;
        if (parameter.Type.IsOrDerivesFrom(WellKnownNames.AIContent))
            return ParameterRole.Content;
        if (ItemOf(parameter.Type) is { } item)
        {
            if (item.Is(WellKnownNames.ChatMessage))
                return ParameterRole.Messages;
            if (item.IsOrDerivesFrom(WellKnownNames.AIContent))
                return ParameterRole.Contents;
            if (item.IsOrDerivesFrom(WellKnownNames.AITool))
                return ParameterRole.Tools;
        }

        if (parameter.Attribute(WellKnownNames.ConversationIdAttribute) is not null)
            return ParameterRole.ConversationId;
        if (parameter.Attribute(WellKnownNames.CacheScopeAttribute) is not null)
            return ParameterRole.Scope;
        return parameter.Attribute(WellKnownNames.CacheIgnoreAttribute) is not null ? ParameterRole.Ignored : ParameterRole.KeyPart;
    }

    /// <summary>What the attribute says, or null without one.</summary>
    public static int? MaxTokens(IParameterSymbol parameter) =>
        parameter.Attribute(WellKnownNames.MaxTokensAttribute) is { ConstructorArguments: [{ Kind: TypedConstantKind.Primitive, Value: int tokens }] }
            ? tokens
            : null;

    public static ListConversion Conversion(ITypeSymbol list) => list switch
    {
        IArrayTypeSymbol => ListConversion.Array,
        INamedTypeSymbol { MetadataName: "List`1" or "IReadOnlyList`1" or "IReadOnlyCollection`1" } => ListConversion.List,
        _ => ListConversion.None,
    };

    /// <summary>Equal for two members of one name that a class cannot both declare.</summary>
    public static string Key(ISymbol member)
    {
        var key = new StringBuilder(member.Name);
        if (member is IMethodSymbol { Arity: > 0 } generic)
            return key.Append('`').Append(generic.Arity).Append('/').Append(generic.Parameters.Length).ToString();
        var parameters = member is IMethodSymbol method ? method.Parameters : ((IPropertySymbol)member).Parameters;
        foreach (var parameter in parameters)
        {
            key.Append(parameter.RefKind == RefKind.None ? '|' : '&')
                .Append(parameter.Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));
        }

        return key.ToString();
    }

    /// <summary>What a list is a list of; null for what is no list.</summary>
    public static ITypeSymbol? ItemOf(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1, ElementType: var item } => item,
        INamedTypeSymbol { TypeArguments: [var item] } named when IsList(named) => item,
        _ => null,
    };

    private static bool IsList(INamedTypeSymbol type)
    {
        foreach (var name in ListTypes)
            if (type.Is(name))
                return true;
        return false;
    }
}
