using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0108: a method without a cancellation token.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NoCancellationAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.NoCancellation,
        "A method of an agent cannot be cancelled",
        "'{0}' takes no CancellationToken: who gives up still waits, and pays, for the answer",
        Rule.Agents,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A call may wait minutes for a rate limit, and a provider bills what it generates for nobody.",
        Rule.HelpLink(DiagnosticIds.NoCancellation));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        foreach (var parameter in call.Call.Signature.Parameters)
            if (parameter.Role == ParameterRole.Cancellation)
                return;
        report(Diagnostic.Create(Descriptor, call.Location, call.Method.Name));
    }
}
