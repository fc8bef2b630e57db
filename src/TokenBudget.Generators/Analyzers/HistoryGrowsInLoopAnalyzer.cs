using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using TokenBudget.Generators.Analyzers.Histories;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0001: a chat loop that resends everything ever said.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HistoryGrowsInLoopAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.HistoryGrowsInLoop,
        "A chat history grows without limit in a loop",
        "'{0}' grows with every turn of this loop and is sent whole each time: trim it before the call, or give the client a limit",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Each request resends all that was said before, tool results included, so the cost of a conversation grows with the square of its "
        + "length until the model's context is full and requests fail.",
        Rule.HelpLink(DiagnosticIds.HistoryGrowsInLoop));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (!ChatApi.IsUsedBy(start.Compilation))
                return;
            var reducers = new ClientReducers(start.Compilation);
            start.RegisterOperationBlockAction(block => Analyze(block, reducers));
        });
    }

    private static void Analyze(OperationBlockAnalysisContext context, ClientReducers reducers)
    {
        if (ChatApi.IsClient(context.OwningSymbol.ContainingType))
            return;
        var facts = HistoryFacts.Of(context.OwningSymbol, context.OperationBlocks);
        var reported = new HashSet<IOperation>();
        foreach (var (variable, carrier, send) in facts.Sends)
        {
            if (variable is not (ILocalSymbol or IParameterSymbol) || facts.SetsConversationId || !IsUnbounded(facts, variable, send))
                continue;
            if (reducers.Any)
                return;
            if (reported.Add(send))
                context.ReportDiagnostic(Diagnostic.Create(Descriptor, carrier.Syntax.GetLocation(), variable.Name));
        }
    }

    private static bool IsUnbounded(HistoryFacts facts, ISymbol variable, IInvocationOperation send)
    {
        foreach (var loop in Loops.Around(send, facts.Calls))
        {
            var isDeclaredOutside = variable.DeclaringSyntaxReferences.Length == 1
                && !loop.Syntax.Span.Contains(variable.DeclaringSyntaxReferences[0].Span);
            if (isDeclaredOutside
                && facts.Growths.Exists(growth => Is(growth.Variable) && IsIn(growth.Operation))
                && !facts.Cuts.Exists(cut => Is(cut.Variable) && IsIn(cut.Operation) && SendPath.HoldsCut(cut.Operation, loop))
                && !facts.Resets.Exists(reset => Is(reset.Variable) && IsIn(reset.Operation) && SendPath.HoldsReset(reset.Operation, variable, loop)))
                return true;

            bool IsIn(IOperation operation) => Loops.Around(operation, facts.Calls).Contains(loop);
        }

        return false;

        bool Is(ISymbol other) => SymbolEqualityComparer.Default.Equals(other, variable);
    }
}
