using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0102: a method that takes a history and says nothing of its size.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NoHistoryPolicyAnalyzer : CallAnalyzer
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

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Call.Setting("MaxContextTokens") is not null || call.Call.Setting("MaxMessages") is not null || call.Call.Setting("Summarized") is not null)
            return;
        foreach (var parameter in call.Call.Signature.Parameters)
        {
            if (parameter.Role is not (ParameterRole.Messages or ParameterRole.Conversation))
                continue;
            report(Diagnostic.Create(Descriptor, call.Location, call.Method.Name, parameter.Name));
            return;
        }
    }
}
