using System.Collections.Immutable;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0102: a method that takes a history and says nothing of its size.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NoHistoryPolicyAnalyzer : ParsingAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.NoHistoryPolicy,
        "A conversation method has no history policy",
        "'{0}' takes '{1}', and nothing bounds what is sent of it: say [TokenBudget(MaxContextTokens = …)] or MaxMessages, or [Summarized]",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Every request resends the history, so a conversation without a bound costs the square of its length.",
        Rule.HelpLink(DiagnosticIds.NoHistoryPolicy));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override IParseObserver Observe(INamedTypeSymbol type, SymbolAnalysisContext context) => new Observer(type, context.ReportDiagnostic);

    private static bool IsBounded(EquatableArray<Setting> settings)
    {
        foreach (var setting in settings)
            if (setting.Name is "MaxContextTokens" or "MaxMessages" or "Summarized")
                return true;
        return false;
    }

    private sealed class Observer(INamedTypeSymbol type, Action<Diagnostic> report) : IParseObserver
    {
        public void Problem(ISymbol symbol, AttributeData? attribute, string reason)
        {
        }

        public void Call(IMethodSymbol method, CallModel call)
        {
            if (IsBounded(call.Settings))
                return;
            foreach (var parameter in call.Signature.Parameters)
            {
                if (parameter.Role is not (ParameterRole.Messages or ParameterRole.Conversation))
                    continue;
                report(Diagnostic.Create(Descriptor, LocationOf(type, method), method.Name, parameter.Name));
                return;
            }
        }
    }
}
