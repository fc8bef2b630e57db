using System.Globalization;

namespace TokenBudget.Generators.Analyzers.Agents;

/// <summary>A rule about attributed interfaces.</summary>
public abstract class AgentAnalyzer : DiagnosticAnalyzer
{
    private protected AgentAnalyzer()
    {
    }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypesByMetadataName(WellKnownNames.ChatAgentAttribute).Length > 0)
                Start(start, AgentReadings.Of(start.Compilation, start.Options));
        });
    }

    /// <summary>Registers what the rule looks at: the interfaces, and whatever else a rule adds.</summary>
    private protected virtual void Start(CompilationStartAnalysisContext context, AgentReadings agents) =>
        context.RegisterSymbolAction(symbol => Check(agents, symbol), SymbolKind.NamedType);

    /// <summary>Looks at one interface.</summary>
    /// <param name="agent">The interface.</param>
    /// <param name="report">Takes what is wrong. What is said of the interface may be found once for each of its methods; it is reported once.</param>
    /// <param name="cancellationToken">Cancels the analysis.</param>
    private protected abstract void Check(AgentReading agent, Action<Diagnostic> report, CancellationToken cancellationToken);

    private void Check(AgentReadings agents, SymbolAnalysisContext context)
    {
        if (agents.Of((INamedTypeSymbol)context.Symbol, context.CancellationToken) is not { } agent)
            return;
        var reported = new HashSet<(Location, string)>();
        Check(agent, Report, context.CancellationToken);

        void Report(Diagnostic diagnostic)
        {
            if (reported.Add((diagnostic.Location, diagnostic.GetMessage(CultureInfo.InvariantCulture))))
                context.ReportDiagnostic(diagnostic);
        }
    }
}
