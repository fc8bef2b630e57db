using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0118: a method that looks like a call, and that the budget of its interface does not reach.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class PastTheBudgetAnalyzer : AgentAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.PastTheBudget,
        "A method goes past the budget of its interface",
        "'{0}' is passed on without a budget: {1}",
        Rule.Agents,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "What an interface is given holds for those of its methods that a budget can go around. The class passes the others on as they are: nothing of them is limited, counted or kept.",
        Rule.HelpLink(DiagnosticIds.PastTheBudget));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(AgentReading agent, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        foreach (var (method, reason) in agent.Forwarded)
            if (GivesAnswer(method.ReturnType))
                report(Diagnostic.Create(Descriptor, AgentLocations.Of(agent.Type, method), method.Name, reason));
    }

    /// <summary>Whether it gives something later, as a model does. What gives nothing, or at once, is hardly a call.</summary>
    private static bool GivesAnswer(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeArguments.Length: 1 } && (type.Is(WellKnownNames.Task) || type.Is(WellKnownNames.ValueTask) || type.Is(WellKnownNames.AsyncEnumerable));
}
