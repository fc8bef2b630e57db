using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0122: the lock file cannot be read, so that no contract is compared.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnreadableLockAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnreadableLock,
        "The lock file cannot be read",
        "No contract is compared with {0}, for {1}. Build and write it anew with 'tokenbudget lock'.",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A lock file that cannot be read holds nobody to anything.",
        Rule.HelpLink(DiagnosticIds.UnreadableLock));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (LockReading.Of(start.Options, start.CancellationToken) is not { Problem: { } problem } broken)
                return;
            start.RegisterAdditionalFileAction(file =>
            {
                if (broken.Is(file.AdditionalFile))
                    file.ReportDiagnostic(Diagnostic.Create(Descriptor, broken.ProblemLocation, broken.Name, problem));
            });
        });
    }
}
