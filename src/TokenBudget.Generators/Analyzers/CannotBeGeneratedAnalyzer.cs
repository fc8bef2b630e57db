using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0100: what the generator cannot make a class of.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CannotBeGeneratedAnalyzer : AgentAnalyzer
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

    private protected override void Check(AgentReading agent, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        foreach (var (symbol, attribute, reason) in agent.Problems)
            report(Diagnostic.Create(Descriptor, AgentLocations.Of(agent.Type, symbol, attribute), symbol.Name, reason));
    }
}
