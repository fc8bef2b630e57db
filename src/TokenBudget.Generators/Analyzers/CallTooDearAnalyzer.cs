using System.Collections.Immutable;
using System.Globalization;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0104: a method whose call may cost more than it says a call may cost.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CallTooDearAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.CallTooDear,
        "A call may cost more than is allowed",
        "A call of '{0}' may cost ${1}, and MaxUsdPerCall is ${2}: {3}. {4}, or raise MaxUsdPerCall.",
        Rule.Agents,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "At run time a request that could take its call beyond the limit is refused: in the middle of a tool loop, after its first rounds were paid.",
        Rule.HelpLink(DiagnosticIds.CallTooDear));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Call.Setting("MaxUsdPerCall") is not { } said || !decimal.TryParse(said, NumberStyles.Number, CultureInfo.InvariantCulture, out var limit))
            return;
        var facts = call.Facts;
        if (facts is { RequestUsd: { } once, WorstCaseUsd: { } most } && most > limit && call.Project.Models.Find(facts.DearestModel) is { } model)
            report(Diagnostic.Create(
                Descriptor,
                call.LocationOf(WellKnownNames.CostTrackedAttribute, "MaxUsdPerCall", cancellationToken),
                call.Method.Name,
                Text(most),
                Text(limit),
                Sum(facts, model, once),
                WayOut(facts, call.Call)));
    }

    /// <summary>What the amount is made of.</summary>
    private static string Sum(CallFacts facts, KnownModel model, decimal once)
    {
        var answer = once - model.WorstCaseUsd(facts.InputTokens, 0).GetValueOrDefault();
        var request = $"${Text(once - answer)} for {Text(facts.InputTokens)} tokens in ({Input(facts)}) and ${Text(answer)} for {Text(facts.OutputTokens)} out of {model.Id}";
        if (facts.Attempts > 1)
            request += $", {Text(facts.Attempts)} attempts";
        return facts.Rounds > 1 ? $"{request}, {Text(facts.Rounds)} rounds" : request;
    }

    private static string Input(CallFacts facts) => facts.Variable is { } variable && facts.Fixed.Total + variable <= facts.Window - facts.OutputTokens
        ? $"{Text(facts.Fixed.Total)} fixed, {Text(variable)} of parameters, 10% margin"
        : $"the window of {Text(facts.Window)} without the answer, 10% margin";

    /// <summary>What would lower it, that which weighs most first.</summary>
    private static string WayOut(CallFacts facts, CallModel call)
    {
        var ways = new List<string>();
        if (facts.Rounds > 1)
            ways.Add("MaxRounds");
        if (facts.Attempts > 1)
            ways.Add("MaxAttempts");
        if (facts.Variable is null)
            ways.Add("MaxContextTokens");
        ways.Add("MaxOutputTokens");
        var lower = "Lower " + string.Join(", ", ways);
        return facts.Variable is null && call.Signature.Parameters.Any(static parameter => parameter.Role is ParameterRole.PromptValue or ParameterRole.UserMessage && parameter.IsUnbounded)
            ? $"{lower}, bound what is sent with [MaxTokens]"
            : lower;
    }

    private static string Text(decimal number) => number.ToString(number < 0.01m ? "#,0.######" : "#,0.####", CultureInfo.InvariantCulture);
}
