using System.Collections.Immutable;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0100: what the generator cannot make a class of.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CannotBeGeneratedAnalyzer : ParsingAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.CannotBeGenerated,
        "An agent interface has what cannot be generated",
        "'{0}' cannot be generated: {1}",
        Rule.Agents,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "The generator makes no class of this interface, or a member that throws when it is called.",
        Rule.HelpLink(DiagnosticIds.CannotBeGenerated));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override IParseObserver Observe(INamedTypeSymbol type, SymbolAnalysisContext context) => new Observer(type, context);

    private sealed class Observer(INamedTypeSymbol type, SymbolAnalysisContext context) : IParseObserver
    {
        public void Problem(ISymbol symbol, AttributeData? attribute, string reason) =>
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, LocationOf(type, symbol, attribute), symbol.Name, reason));

        public void Call(IMethodSymbol method, CallModel call)
        {
            if (call is { PromptFile: null, SystemPromptFile: null })
                return;
            PromptFiles.Into(call, PromptFiles.Of(context.Options.AdditionalFiles, context.CancellationToken), out var problem);
            if (problem is not null)
                Problem(method, null, problem);
        }
    }
}
