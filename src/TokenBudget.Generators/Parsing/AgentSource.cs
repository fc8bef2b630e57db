using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Finds the attributed interfaces. Each interface is found once, however many of its attributes are seen.</summary>
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

    /// <summary>The interfaces by the attribute that speaks for them.</summary>
    public static IReadOnlyList<IncrementalValuesProvider<AgentModel>> All(SyntaxValueProvider syntax)
    {
        var sources = new List<IncrementalValuesProvider<AgentModel>> { Clients(syntax) };
        foreach (var attribute in WrapperAttributes)
            sources.Add(Wrappers(syntax, attribute));
        return sources;
    }

    private static IncrementalValuesProvider<AgentModel> Clients(SyntaxValueProvider syntax) =>
        NotNull(syntax.ForAttributeWithMetadataName(
            WellKnownNames.ChatAgentAttribute,
            static (node, _) => node is InterfaceDeclarationSyntax,
            static (context, cancellationToken) => Parse(context, AgentKind.Client, cancellationToken)))
        .WithTrackingName(TrackingNames.Agents);

    private static IncrementalValuesProvider<AgentModel> Wrappers(SyntaxValueProvider syntax, string attribute) =>
        NotNull(syntax.ForAttributeWithMetadataName(
            attribute,
            static (node, _) => node is InterfaceDeclarationSyntax or MethodDeclarationSyntax { Parent: InterfaceDeclarationSyntax },
            static (context, cancellationToken) => Parse(context, AgentKind.Wrapper, cancellationToken)))
        .WithTrackingName(TrackingNames.Wrappers);

    /// <summary>What is to be generated for an interface; null when nothing is.</summary>
    public static AgentKind? KindOf(INamedTypeSymbol type)
    {
        if (type.TypeKind != TypeKind.Interface)
            return null;
        if (type.Attribute(WellKnownNames.ChatAgentAttribute) is not null)
            return AgentKind.Client;
        return FirstMark(type, AgentKind.Wrapper) is null ? null : AgentKind.Wrapper;
    }

    private static AgentModel? Parse(GeneratorAttributeSyntaxContext context, AgentKind kind, CancellationToken cancellationToken)
    {
        var type = context.TargetSymbol as INamedTypeSymbol ?? context.TargetSymbol.ContainingType;
        return KindOf(type) == kind && IsFirstMark(context, type, kind)
            ? AgentParser.Parse(type, kind, context.SemanticModel.Compilation.Assembly, SilentObserver.Instance, cancellationToken)
            : null;
    }

    /// <summary>An interface has many attributes, some perhaps in several parts or, while being written, twice. The first of them speaks for it.</summary>
    private static bool IsFirstMark(GeneratorAttributeSyntaxContext context, INamedTypeSymbol type, AgentKind kind)
    {
        var first = FirstMark(type, kind)?.ApplicationSyntaxReference;
        if (first is null || first.SyntaxTree != context.TargetNode.SyntaxTree || !context.TargetNode.Span.Contains(first.Span))
            return false;
        foreach (var attribute in context.Attributes)
            if (attribute.ApplicationSyntaxReference is { } here && here.SyntaxTree == first.SyntaxTree && here.Span == first.Span)
                return true;
        return false;
    }

    private static AttributeData? FirstMark(INamedTypeSymbol type, AgentKind kind)
    {
        if (kind == AgentKind.Client)
            return type.Attribute(WellKnownNames.ChatAgentAttribute);
        foreach (var name in WrapperAttributes)
        {
            if (type.Attribute(name) is { } mark)
                return mark;
            foreach (var member in type.GetMembers())
                if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary } && member.Attribute(name) is { } methodMark)
                    return methodMark;
        }

        return null;
    }

    private static IncrementalValuesProvider<AgentModel> NotNull(IncrementalValuesProvider<AgentModel?> models) =>
        models.Where(static model => model is not null).Select(static (model, _) => model!);
}
