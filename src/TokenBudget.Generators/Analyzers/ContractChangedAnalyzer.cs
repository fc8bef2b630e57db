using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Contracts.Locking;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0121: the contract of a method is not the one in the lock file, and its ceiling did not rise.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ContractChangedAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.ContractChanged,
        "A contract is not the one in the lock file",
        "{0}. If that is meant, build and run 'tokenbudget lock'.",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "What a method sends, keeps to and is cached by is agreed on in the lock file.",
        Rule.HelpLink(DiagnosticIds.ContractChanged));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        var what = call.Change switch
        {
            { Kind: ContractChangeKind.Added } => $"'{call.Method.Name}' is not in {call.Project.Lock!.Name}",
            { Kind: ContractChangeKind.Changed } change => $"The contract of '{call.Method.Name}' is not the one in {call.Project.Lock!.Name}: {change.Reasons}",
            _ => null,
        };
        if (what is not null)
            report(Diagnostic.Create(Descriptor, call.Location, call.ContractProperties, what));
    }

    private protected override void Start(CompilationStartAnalysisContext context, AgentReadings agents)
    {
        if (agents.Project.Lock is not { } locked)
            return;
        base.Start(context, agents);
        context.RegisterAdditionalFileAction(file => CheckRemoved(agents, locked, file));
    }

    /// <summary>What is gone has no place in the code, so that it is told at its line of the file.</summary>
    private static void CheckRemoved(AgentReadings agents, LockReading locked, AdditionalFileAnalysisContext file)
    {
        if (!locked.Is(file.AdditionalFile))
            return;
        var own = locked.Contracts!.Contracts.Where(contract => contract.Assembly == file.Compilation.AssemblyName).ToList();
        if (own.Count == 0)
            return;
        var methods = new HashSet<string>(agents.All(file.CancellationToken).SelectMany(static agent => agent.Calls).Select(static call => call.Name));
        foreach (var contract in own)
            if (!methods.Contains(contract.Method))
                file.ReportDiagnostic(Diagnostic.Create(
                    Descriptor, locked.LocationOf(contract.Start, contract.End), locked.PropertiesOf(contract.Key, contract: null), $"'{contract.Method}' is in {locked.Name} and no longer in the project"));
    }
}
