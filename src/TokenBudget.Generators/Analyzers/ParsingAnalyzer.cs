using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>An analyzer of attributed interfaces. It reads them with the generator's parser, so that the two cannot disagree.</summary>
public abstract class ParsingAnalyzer : DiagnosticAnalyzer
{
    private protected ParsingAnalyzer()
    {
    }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypesByMetadataName(WellKnownNames.ChatAgentAttribute).Length == 0)
                return;
            start.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
        });
    }

    private protected abstract IParseObserver Observe(INamedTypeSymbol type, SymbolAnalysisContext context);

    /// <summary>Where to report: the fault itself if it is in this interface, or else the interface's name.</summary>
    private protected static Location LocationOf(INamedTypeSymbol type, ISymbol symbol, AttributeData? attribute = null)
    {
        var isInherited = symbol is not INamedTypeSymbol && !SymbolEqualityComparer.Default.Equals(Owner(symbol), type);
        if (isInherited)
            return type.Locations[0];
        return attribute?.ApplicationSyntaxReference?.GetSyntax().GetLocation() ?? symbol.Locations[0];
    }

    private static INamedTypeSymbol? Owner(ISymbol symbol) =>
        symbol is IParameterSymbol ? symbol.ContainingSymbol.ContainingType : symbol.ContainingType;

    private void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (AgentSource.KindOf(type) is { } kind)
            AgentParser.Parse(type, kind, context.Compilation.Assembly, Observe(type, context), context.CancellationToken);
    }
}
