using System.Collections.Immutable;
using System.Globalization;
using TokenBudget.Configuration;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0107: more attempts than there is time for, or attempts of what is called once.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ImpossibleRetryAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.ImpossibleRetry,
        "Retries are declared that never happen",
        "'{0}': {1}",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A number of attempts that is never reached promises its reader a patience the call does not have.",
        Rule.HelpLink(DiagnosticIds.ImpossibleRetry));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Call.Number("MaxAttempts") is not (> 1 and var attempts))
            return;
        if (call.Kind == AgentKind.Wrapper)
        {
            // What an assembly says is meant for its agents.
            if (call.LocationOf(WellKnownNames.RateLimitedAttribute, "MaxAttempts", cancellationToken) is var said && said != call.Location)
                Report(said, "your own implementation is called once, for nobody knows what it has done before it failed; set MaxAttempts where it asks the model");
            return;
        }

        if (call.Call.Number("MaxWait") is not { } seconds || LastWithin(seconds, attempts) is not { } last || last >= attempts)
            return;
        Report(
            call.LocationOf(WellKnownNames.RateLimitedAttribute, "MaxAttempts", cancellationToken),
            string.Format(
                CultureInfo.InvariantCulture,
                "MaxAttempts is {0}, and the waits between them, each a random part of {1} s doubled up to {2} s, take {3:0.#} s on average; with MaxWaitSeconds = {4} hardly a call gets beyond attempt {5}. Lower MaxAttempts, or raise MaxWaitSeconds",
                attempts, DefaultLimits.BackoffSeconds, DefaultLimits.MaxBackoffSeconds, Waits(attempts), seconds, last));

        void Report(Location location, string reason) => report(Diagnostic.Create(Descriptor, location, call.Method.Name, reason));
    }

    /// <summary>The last attempt that the average call has time for.</summary>
    private static long? LastWithin(long seconds, long attempts)
    {
        for (var attempt = attempts; attempt > 1; attempt--)
            if (Waits(attempt) <= seconds)
                return attempt;
        return 1;
    }

    /// <summary>What the waits in front of an attempt take on average: half of what they can be.</summary>
    private static double Waits(long attempt)
    {
        var (sum, step) = (0.0, DefaultLimits.BackoffSeconds);
        for (var wait = 1; wait < attempt; wait++, step = Math.Min(step * 2, DefaultLimits.MaxBackoffSeconds))
            sum += step / 2;
        return sum;
    }
}
