using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0120: a call of a method can cost more than the lock file says.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CeilingRoseAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.CeilingRose,
        "A call can cost more than the lock file says",
        "A call of '{0}' can cost {1}, and {2} says {3}: {4}. If that is meant, build and run 'tokenbudget lock'.",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "What a call can cost at most is agreed on in the lock file, and a change of code, prompt or price raised it.",
        Rule.HelpLink(DiagnosticIds.CeilingRose));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    /// <summary>Most projects keep no contracts, and pay nothing.</summary>
    private protected override void Start(CompilationStartAnalysisContext context, AgentReadings agents)
    {
        if (agents.Project.Lock is not null)
            base.Start(context, agents);
    }

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Change is not { Kind: ContractChangeKind.Rose } change)
            return;
        var (before, after) = ContractDollars.Texts(change.Before!.CeilingUsd, change.After!.CeilingUsd);
        report(Diagnostic.Create(Descriptor, call.Location, call.ContractProperties, call.Method.Name, after, call.Project.Lock!.Name, before, change.Reasons));
    }
}
