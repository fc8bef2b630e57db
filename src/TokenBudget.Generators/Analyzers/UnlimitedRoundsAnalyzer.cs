using System.Collections.Immutable;
using TokenBudget.Configuration;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0101: a method with tools that does not say how often the model may ask for them.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnlimitedRoundsAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnlimitedRounds,
        "A tool-calling method has no limit of rounds",
        "'{0}' may ask the model {1} times, the default, and every round resends all before it and its tools' results: say [TokenBudget(MaxRounds = …)]",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "The rounds of a tool loop cost the square of their number, for each carries what all before it brought.",
        Rule.HelpLink(DiagnosticIds.UnlimitedRounds));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Kind == AgentKind.Client && call.Call.HasTools && call.Call.Setting("MaxRounds") is null)
            report(Diagnostic.Create(Descriptor, call.Location, call.Method.Name, DefaultLimits.MaxRounds));
    }
}
