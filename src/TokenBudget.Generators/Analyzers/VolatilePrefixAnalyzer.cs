using System.Collections.Immutable;
using System.Globalization;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0109: constant text that the provider's prompt cache does not keep, and could.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class VolatilePrefixAnalyzer : CallAnalyzer
{
    /// <summary>What OpenAI caches from, and the least that any of the large providers does.</summary>
    private const int UsualMinimum = 1_024;

    /// <summary>A beginning of this share of the minimum is worth the rest: a cached token costs a tenth to a half of another.</summary>
    private const double NearlyEnough = 0.75;

    private static readonly HashSet<string> VolatileNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "now", "today", "date", "time", "timestamp", "currentDate", "currentTime", "utcNow", "requestId", "correlationId", "traceId", "sessionId", "messageId", "nonce", "seed", "random",
    };

    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.VolatilePrefix,
        "A prompt cache cannot keep the constant part of a prompt",
        "'{0}' {1}",
        Rule.Agents,
        DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        "A prompt cache holds beginnings, from a length on. What follows the first difference is paid for in full each time, up to ten times the price of a cached token.",
        Rule.HelpLink(DiagnosticIds.VolatilePrefix));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Kind != AgentKind.Client || CheckVolatile(call, report))
            return;
        // A history is the beginning of the next request, and tools that come with the call are not known.
        if (call.Model is not { } model || MinimumOf(model) is not { } minimum || call.Call.Signature.Parameters.Any(static parameter =>
            parameter.Role is ParameterRole.Messages or ParameterRole.Conversation or ParameterRole.ConversationId or ParameterRole.Tools))
            return;
        var facts = call.Facts.Fixed;
        var (before, behind, first) = Constants(call.Call);
        before += facts.System + facts.Tools;
        if (before >= minimum)
            return;
        if (before + behind >= minimum && first is not null)
            Report(call.LocationOf(first), first, $"stands before {Text(behind)} of {Text(before + behind)} constant tokens, and {model.Id} keeps beginnings from {Text(minimum)} on: put the constant text first");
        else if (before >= minimum * NearlyEnough)
            Report(call.Location, call.Method.Name, $"begins with {Text(before)} constant tokens, and {model.Id} keeps beginnings from {Text(minimum)} on: with some more, of examples or rules, every call reads them from the cache");

        void Report(Location location, string name, string reason) => report(Diagnostic.Create(Descriptor, location, name, reason));
    }

    private static bool CheckVolatile(CallReading call, Action<Diagnostic> report)
    {
        var minimum = call.Model is { } model && MinimumOf(model) is { } known ? known : UsualMinimum;
        var prompt = call.Call.Prompt;
        for (var at = 0; at < prompt.Count; at++)
        {
            if (!prompt[at].IsValue || call.Parameter(prompt[at].Text) is not { } parameter || !IsVolatile(parameter))
                continue;
            var behind = 0;
            for (var next = at + 1; next < prompt.Count; next++)
                behind += prompt[next].IsValue ? 0 : FixedTokens.Count(prompt[next].Text);
            if (behind >= minimum)
                report(Diagnostic.Create(
                    Descriptor, call.LocationOf(parameter.Name), parameter.Name, $"stands before {Text(behind)} constant tokens of the prompt, which the provider's prompt cache therefore never finds again: put it behind them"));
            // The first one breaks the prefix; the others cost nothing more.
            return behind >= minimum;
        }

        return false;
    }

    /// <summary>Constant tokens of the messages before and behind the first value, and that value's parameter.</summary>
    private static (long Before, long Behind, string? First) Constants(CallModel call)
    {
        var (before, behind, first) = (0L, 0L, (string?)null);
        foreach (var part in call.Leading.SelectMany(static message => message.Parts).Concat(call.Prompt))
        {
            if (part.IsValue)
                first ??= part.Text;
            else if (first is null)
                before += FixedTokens.Count(part.Text);
            else
                behind += FixedTokens.Count(part.Text);
        }

        return (before, behind, first);
    }

    private static long? MinimumOf(KnownModel model) => model switch
    {
        { MinCacheableTokens: > 0 and var known } => known,
        { Provider: "openai" } => UsualMinimum,
        _ => null,
    };

    private static bool IsVolatile(IParameterSymbol parameter) => parameter.Type.IsVolatile() || VolatileNames.Contains(parameter.Name);

    private static string Text(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
