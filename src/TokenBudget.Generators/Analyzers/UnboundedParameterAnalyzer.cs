using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0110: a text that goes into the prompt without a limit.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnboundedParameterAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnboundedParameter,
        "A text of a call has no size limit",
        "'{0}' has no [MaxTokens]: only the window of {1} tokens bounds what a call of '{2}' sends",
        Rule.Agents,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "One pasted document costs as much as hundreds of ordinary calls, and nothing tells before it is sent.",
        Rule.HelpLink(DiagnosticIds.UnboundedParameter));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Kind != AgentKind.Client)
            return;
        foreach (var parameter in call.Call.Signature.Parameters)
            if (parameter.Role is ParameterRole.PromptValue or ParameterRole.UserMessage && parameter.IsUnbounded)
                report(Diagnostic.Create(Descriptor, call.LocationOf(parameter.Name), parameter.Name, call.Facts.Window, call.Method.Name));
    }
}
