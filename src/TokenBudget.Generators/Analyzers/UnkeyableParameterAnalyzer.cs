using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using TokenBudget.Generators.Diagnostics;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0111: a cached method has a parameter that no cache key can hold.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnkeyableParameterAnalyzer : ParsingAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnkeyableParameter,
        "A cached method has a parameter that no cache key can hold",
        "'{0}' is cached, and '{1}' cannot be part of its key: {2}; mark it [CacheIgnore] if it cannot change the answer, or take what it consists of",
        Rule.Agents,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "An answer is found again by everything that can change it. What the key does not see, two calls may differ in and get the same answer.",
        Rule.HelpLink(DiagnosticIds.UnkeyableParameter));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override IParseObserver Observe(INamedTypeSymbol type, SymbolAnalysisContext context) => new Observer(type, context);

    private sealed class Observer(INamedTypeSymbol type, SymbolAnalysisContext context) : IParseObserver
    {
        public void Problem(ISymbol symbol, AttributeData? attribute, string reason)
        {
        }

        public void Call(IMethodSymbol method, CallModel call)
        {
            if (call.ValueOf("Cached") is null)
                return;
            for (var i = 0; i < call.Signature.Parameters.Count; i++)
                if (call.Signature.Parameters[i].Role == ParameterRole.KeyPart && KeyableTypes.ProblemOf(method.Parameters[i].Type, context.Compilation) is { } problem)
                    context.ReportDiagnostic(Diagnostic.Create(Descriptor, LocationOf(type, method.Parameters[i]), method.Name, method.Parameters[i].Name, problem));
        }
    }
}
