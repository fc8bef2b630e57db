using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.CSharp;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0018: prompts and answers go to wherever traces go.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SensitiveTelemetryAnalyzer() : ChatAnalyzer(Descriptor)
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.SensitiveTelemetry,
        "Prompts and answers are written to telemetry",
        "'{0}' is switched on everywhere: whole prompts and answers go into traces, in production too. Switch it on in development only.",
        Rule.Privacy,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A trace with whole conversations in it holds what users said, is kept for weeks where many may read it, and is paid for by size.",
        Rule.HelpLink(DiagnosticIds.SensitiveTelemetry));

    private protected override void Analyze(ChatMember member, ChatContext context)
    {
        foreach (var assignment in member.Assignments)
            if (assignment is { Target: IPropertyReferenceOperation { Property: { Name: "EnableSensitiveData", ContainingType.Name: var owner } }, Value.ConstantValue: { HasValue: true, Value: true } }
                && owner.StartsWith("OpenTelemetry", StringComparison.Ordinal)
                && !IsConditional(assignment)
                && !IsForDebug(assignment.Syntax))
                context.Report(assignment.Syntax, "EnableSensitiveData");
    }

    private static bool IsConditional(IOperation operation)
    {
        for (var parent = operation.Parent; parent is not null; parent = parent.Parent)
            if (parent is IConditionalOperation or ISwitchOperation)
                return true;
        return false;
    }

    private static bool IsForDebug(SyntaxNode node)
    {
        var depth = 0;
        for (var directive = node.SyntaxTree.GetCompilationUnitRoot().GetFirstDirective(); directive is not null && directive.SpanStart < node.SpanStart; directive = directive.GetNextDirective())
        {
            if (directive is IfDirectiveTriviaSyntax { Condition: var condition } && condition.ToString() is var text && text.Contains("DEBUG") && !text.Contains("!DEBUG"))
                depth++;
            else if (directive is EndIfDirectiveTriviaSyntax or ElseDirectiveTriviaSyntax && depth > 0)
                depth--;
        }

        return depth > 0;
    }
}
