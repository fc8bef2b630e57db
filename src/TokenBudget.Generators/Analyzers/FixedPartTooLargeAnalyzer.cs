using System.Collections.Immutable;
using System.Globalization;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0103: what a method sends in any case, and the reserve for the answer, are more than its window holds.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FixedPartTooLargeAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.FixedPartTooLarge,
        "The fixed part of a request does not fit",
        "'{0}' sends {1} fixed tokens ({2}) and reserves {3} for the answer, and {4} allows {5}: shorten what is fixed, or change the limits",
        Rule.Agents,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "Every call would be refused before anything is sent.",
        Rule.HelpLink(DiagnosticIds.FixedPartTooLarge));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        var said = call.Call.Number("MaxContextTokens");
        // Where only the default speaks, the host may say otherwise.
        if (call.Kind != AgentKind.Client || (said is null && call.Model?.MaxInputTokens is null))
            return;
        var facts = call.Facts;
        if (facts.Fixed.Total == 0 || facts.Fixed.Total + facts.OutputTokens <= facts.Window)
            return;
        var limit = said == facts.Window ? "MaxContextTokens" : $"the window of {call.Model?.Id ?? "the default"}";
        report(Diagnostic.Create(
            Descriptor,
            call.Location,
            call.Method.Name,
            facts.Fixed.Total,
            Parts(facts.Fixed),
            facts.OutputTokens,
            limit,
            facts.Window));
    }

    private static string Parts(FixedTokens tokens)
    {
        var parts = new List<string>();
        Add(tokens.System, "system prompt");
        Add(tokens.Prompt, "prompt");
        Add(tokens.Tools, "tools");
        Add(tokens.ReplySchema, "schema of the reply");
        return string.Join(", ", parts);

        void Add(int count, string part)
        {
            if (count > 0)
                parts.Add($"{part} {count.ToString(CultureInfo.InvariantCulture)}");
        }
    }
}
