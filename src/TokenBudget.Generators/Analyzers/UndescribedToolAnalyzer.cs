using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0116: a tool of which the model is told the name alone.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UndescribedToolAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UndescribedTool,
        "A tool has no description",
        "The model is told nothing of {0} of '{1}' but the name, and a wrong guess is a round that resends everything: write [Description(\"…\")]; documentation comments are not sent",
        Rule.Agents,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A description costs its tokens once a request. A tool called for nothing costs a round: all before it, its call and its result, again.",
        Rule.HelpLink(DiagnosticIds.UndescribedTool));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        foreach (var set in call.Call.ToolSets)
        {
            var names = set.Tools.Where(static tool => tool.Description.Length == 0).Select(static tool => $"'{tool.Name}'").ToList();
            if (names.Count > 0)
                report(Diagnostic.Create(Descriptor, LocationOf(call, set.Type, cancellationToken), string.Join(", ", names), set.Name));
        }
    }

    /// <summary>Where the type is named as tools: at the method, or at the interface.</summary>
    private static Location LocationOf(CallReading call, string tools, CancellationToken cancellationToken)
    {
        foreach (var symbol in (ISymbol[])[call.Method, call.Type])
            foreach (var attribute in symbol.Attributes(WellKnownNames.ToolsAttribute))
                if (attribute.ConstructorArguments is [{ Value: ITypeSymbol type }] && type.ToCode() == tools)
                    return attribute.ApplicationSyntaxReference?.GetSyntax(cancellationToken).GetLocation() ?? call.Location;
        return call.Location;
    }
}
