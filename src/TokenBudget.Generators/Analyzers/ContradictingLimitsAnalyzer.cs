using System.Collections.Immutable;
using System.Globalization;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0113: limits that cannot hold together.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ContradictingLimitsAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.ContradictingLimits,
        "The limits of a call contradict each other",
        "'{0}': {1}",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A limit that can never hold, or that no call can keep, says something its writer did not mean.",
        Rule.HelpLink(DiagnosticIds.ContradictingLimits));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        var (said, model, facts) = (call.Call, call.Model, call.Facts);
        var context = said.Number("MaxContextTokens");
        if (context > model?.MaxInputTokens)
            Report(WellKnownNames.TokenBudgetAttribute, "MaxContextTokens", $"MaxContextTokens is {Text(context)}, and {model!.Id} takes {Text(model.MaxInputTokens)}; the larger number never holds");
        if (said.Number("MaxOutputTokens") > model?.MaxOutputTokens)
            Report(WellKnownNames.TokenBudgetAttribute, "MaxOutputTokens", $"MaxOutputTokens is {Text(said.Number("MaxOutputTokens"))}, and {model!.Id} answers with at most {Text(model.MaxOutputTokens)}; the larger number never holds");
        if (said.Number("MaxOutputTokens") >= context)
            Report(WellKnownNames.TokenBudgetAttribute, "MaxOutputTokens", $"MaxOutputTokens is {Text(said.Number("MaxOutputTokens"))} and MaxContextTokens {Text(context)}; the reserve for the answer leaves no room for a question");
        if (said.Number("TrimToTokens") >= context)
            Report(WellKnownNames.TokenBudgetAttribute, "TrimToTokens", $"TrimToTokens is {Text(said.Number("TrimToTokens"))} and MaxContextTokens {Text(context)}; a cut has to leave less than what makes it necessary");
        if (call.Kind == AgentKind.Client)
            CheckRates(facts.Fixed.Total, facts.OutputTokens);
        if (call.Project.Models.Find(said.Setting("SummaryModel")) is { } summarizer && model is not null && summarizer.WorstCaseUsd(1, 0) > model.WorstCaseUsd(1, 0))
            Report(WellKnownNames.SummarizedAttribute, "Model", $"{summarizer.Id} reads dearer than {model.Id}; a summary then costs more than the messages it spares. Take a cheaper model");

        void CheckRates(long least, long answer)
        {
            CheckRate("TokensPerMinute", least + answer, "fixed tokens and the reserve for the answer");
            CheckRate("InputTokensPerMinute", least, "fixed tokens");
            CheckRate("OutputTokensPerMinute", answer, "tokens reserved for the answer");
        }

        void CheckRate(string limit, long needed, string what)
        {
            if (said.Number(limit) < needed)
                Report(WellKnownNames.RateLimitedAttribute, limit, $"{limit} is {Text(said.Number(limit))}, and a request has {Text(needed)} {what}; none is ever admitted");
        }

        void Report(string attribute, string argument, string reason) =>
            report(Diagnostic.Create(Descriptor, call.LocationOf(attribute, argument, cancellationToken), call.Method.Name, reason));
    }

    private static string Text(long? number) => number.GetValueOrDefault().ToString("#,0", CultureInfo.InvariantCulture);
}
