using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0105: a model is named that the catalogue does not know.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnknownPriceAnalyzer : CallAnalyzer
{
    /// <summary>Where models are named.</summary>
    private static readonly (string Attribute, string Argument, string Setting)[] Named =
    [
        (WellKnownNames.ChatAgentAttribute, "Model", "Model"),
        (WellKnownNames.RoutedToAttribute, "WhenSimple", "WhenSimple"),
        (WellKnownNames.RoutedToAttribute, "WhenBudgetIsLow", "WhenBudgetIsLow"),
        (WellKnownNames.RoutedToAttribute, "WhenOverloaded", "WhenOverloaded"),
        (WellKnownNames.SummarizedAttribute, "Model", "SummaryModel"),
    ];

    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnknownPrice,
        "No price is known for a model",
        "'{0}' has no price in the catalogue, so that no call of it can be priced: correct the id, add the model in a file tokenbudget.models.json of the project's AdditionalFiles, or set <TokenBudgetModelsAtRunTime> where the host brings its own catalogue",
        Rule.Agents,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A limit in dollars cannot be held for a model without a price; at run time the call is refused.",
        Rule.HelpLink(DiagnosticIds.UnknownPrice));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Project.ModelsAtRunTime)
            return;
        foreach (var (attribute, argument, setting) in Named)
            if (call.Call.Setting(setting) is { } id && call.Project.Models.Find(id) is not { Rates.Count: > 0 })
                report(Diagnostic.Create(Descriptor, call.LocationOf(attribute, argument, cancellationToken), id));
    }
}
