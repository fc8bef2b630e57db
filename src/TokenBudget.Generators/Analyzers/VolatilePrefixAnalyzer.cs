using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0109: a volatile placeholder in front of a long constant part.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class VolatilePrefixAnalyzer : CallAnalyzer
{
    /// <summary>The least that any of the large providers caches.</summary>
    private const int UsualMinimum = 1_024;

    private static readonly HashSet<string> VolatileNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "now", "today", "date", "time", "timestamp", "currentDate", "currentTime", "utcNow", "requestId", "correlationId", "traceId", "sessionId", "messageId", "nonce", "seed", "random",
    };

    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.VolatilePrefix,
        "A value that always changes stands before constant text",
        "'{0}' stands before {1} constant tokens of the prompt, which the provider's prompt cache therefore never finds again: put it behind them",
        Rule.Agents,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A prompt cache holds beginnings. What follows the first difference is paid for in full each time, up to ten times the price of a cached token.",
        Rule.HelpLink(DiagnosticIds.VolatilePrefix));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Kind != AgentKind.Client)
            return;
        var minimum = call.Model is { MinCacheableTokens: > 0 and var known } ? known : UsualMinimum;
        var prompt = call.Call.Prompt;
        for (var at = 0; at < prompt.Count; at++)
        {
            if (!prompt[at].IsValue || call.Parameter(prompt[at].Text) is not { } parameter || !IsVolatile(parameter))
                continue;
            var behind = 0;
            for (var next = at + 1; next < prompt.Count; next++)
                behind += prompt[next].IsValue ? 0 : FixedTokens.Count(prompt[next].Text);
            if (behind >= minimum)
                report(Diagnostic.Create(Descriptor, call.LocationOf(parameter.Name), parameter.Name, behind));
            // The first one breaks the prefix; the others cost nothing more.
            return;
        }
    }

    private static bool IsVolatile(IParameterSymbol parameter) => parameter.Type.IsVolatile() || VolatileNames.Contains(parameter.Name);
}
