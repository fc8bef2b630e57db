using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using TokenBudget.Generators.Analyzers.Histories;
using TokenBudget.Generators.Diagnostics;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0002: an object that remembers everything ever said and sends it again with every call.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HistoryGrowsInMemberAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.HistoryGrowsInMember,
        "A chat history in a member grows with every call",
        "'{0}' grows for as long as its object lives and is sent whole each time: trim it before the call, or give the client a limit",
        Rule.Cost,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Each request resends all that was said before, so the cost of a conversation grows with the square of its length until the model's "
        + "context is full and requests fail.",
        Rule.HelpLink(DiagnosticIds.HistoryGrowsInMember));

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
            start.RegisterSymbolStartAction(symbol => AnalyzeType(symbol, reducers), SymbolKind.NamedType);
        });
    }

    private static void AnalyzeType(SymbolStartAnalysisContext context, ClientReducers reducers)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        // What wraps a client passes on what it is given; and without a history there is nothing to grow.
        if (ChatApi.IsClient(type) || !HasHistory(type))
            return;
        var members = new ConcurrentBag<HistoryFacts>();
        context.RegisterOperationBlockAction(block =>
        {
            if (SymbolEqualityComparer.Default.Equals(block.OwningSymbol.ContainingType, type))
                members.Add(HistoryFacts.Of(block.OwningSymbol, block.OperationBlocks));
        });
        context.RegisterSymbolEndAction(end => Report(end, members, reducers));
    }

    private static bool HasHistory(INamedTypeSymbol type)
    {
        foreach (var member in type.GetMembers())
            if (member is IFieldSymbol field && ChatApi.IsHistory(field.Type))
                return true;
        return false;
    }

    private static void Report(SymbolAnalysisContext context, IReadOnlyCollection<HistoryFacts> members, ClientReducers reducers)
    {
        foreach (var facts in members)
        {
            var reported = new HashSet<IOperation>();
            foreach (var (variable, carrier, send) in facts.Sends)
            {
                if (variable is not (IFieldSymbol or IPropertySymbol) || facts.SetsConversationId || !IsUnbounded(members, variable))
                    continue;
                if (reducers.Any)
                    return;
                if (reported.Add(send))
                    context.ReportDiagnostic(Diagnostic.Create(Descriptor, carrier.Syntax.GetLocation(), variable.Name));
            }
        }
    }

    private static bool IsUnbounded(IReadOnlyCollection<HistoryFacts> members, ISymbol variable)
    {
        var grows = false;
        foreach (var facts in members)
        {
            // What a constructor puts in, it puts in once.
            grows |= facts.Member is not IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor }
                && facts.Growths.Exists(growth => Is(growth.Variable));
            if (facts.Cuts.Exists(cut => Is(cut.Variable) && SendPath.HoldsCut(cut.Operation, within: null)))
                return false;
            if (facts.Resets.Exists(reset => Is(reset.Variable) && SendPath.HoldsReset(reset.Operation, variable, within: null))
                && IsOnSendPath(members, facts))
                return false;
        }

        return grows;

        bool Is(ISymbol other) => SymbolEqualityComparer.Default.Equals(other, variable);
    }

    /// <summary>Whether a member sends, or is called by one that does on every way to it.</summary>
    private static bool IsOnSendPath(IReadOnlyCollection<HistoryFacts> members, HistoryFacts member)
    {
        if (member.Sends.Count > 0)
            return true;
        foreach (var caller in members)
            if (caller.Sends.Count > 0
                && caller.Calls.Exists(call => SymbolEqualityComparer.Default.Equals(call.TargetMethod, member.Member)
                    && SendPath.HoldsCut(call, within: null)))
                return true;
        return false;
    }
}
