using Microsoft.CodeAnalysis.CSharp.Syntax;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers.Agents;

/// <summary>Where something of an attributed interface is reported.</summary>
internal static class AgentLocations
{
    /// <summary>The fault itself if it is in this interface, or else the interface's name.</summary>
    public static Location Of(INamedTypeSymbol type, ISymbol symbol, AttributeData? attribute = null)
    {
        var isInherited = symbol is not INamedTypeSymbol && !SymbolEqualityComparer.Default.Equals(Owner(symbol), type);
        if (isInherited)
            return type.Locations[0];
        return attribute?.ApplicationSyntaxReference?.GetSyntax().GetLocation() ?? symbol.Locations[0];
    }

    /// <summary>An argument of an attribute as it is written; null where it is not said there.</summary>
    public static Location? OfArgument(ISymbol symbol, string attribute, string argument, CancellationToken cancellationToken)
    {
        foreach (var data in symbol.Attributes(attribute))
            if (data.ApplicationSyntaxReference?.GetSyntax(cancellationToken) is AttributeSyntax { ArgumentList.Arguments: var arguments })
                foreach (var written in arguments)
                    if (written.NameEquals?.Name.Identifier.ValueText == argument)
                        return written.GetLocation();
        return null;
    }

    private static INamedTypeSymbol? Owner(ISymbol symbol) =>
        symbol is IParameterSymbol ? symbol.ContainingSymbol.ContainingType : symbol.ContainingType;
}
