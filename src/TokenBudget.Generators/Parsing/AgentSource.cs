using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Which attributes make an agent of an interface.</summary>
internal static class AgentSource
{
    /// <summary>The attributes that, without <c>[ChatAgent]</c>, ask for a wrapper; on the interface or on a method of it.</summary>
    public static readonly string[] WrapperAttributes =
    [
        WellKnownNames.TokenBudgetAttribute,
        WellKnownNames.RateLimitedAttribute,
        WellKnownNames.CostTrackedAttribute,
        WellKnownNames.CachedAttribute,
        WellKnownNames.SummarizedAttribute,
    ];

    /// <summary>All of them.</summary>
    public static readonly string[] Marks = [WellKnownNames.ChatAgentAttribute, .. WrapperAttributes];

    /// <summary>What is to be generated for an interface; null when nothing is.</summary>
    public static AgentKind? KindOf(INamedTypeSymbol type)
    {
        if (type.TypeKind != TypeKind.Interface)
            return null;
        if (type.Attribute(WellKnownNames.ChatAgentAttribute) is not null)
            return AgentKind.Client;
        return IsWrapped(type) ? AgentKind.Wrapper : null;
    }

    private static bool IsWrapped(INamedTypeSymbol type)
    {
        if (HasMark(type))
            return true;
        foreach (var member in type.GetMembers())
            if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary } && HasMark(member))
                return true;
        return false;
    }

    private static bool HasMark(ISymbol symbol)
    {
        foreach (var attribute in symbol.GetAttributes())
            foreach (var name in WrapperAttributes)
                if (attribute.AttributeClass.Is(name))
                    return true;
        return false;
    }
}
