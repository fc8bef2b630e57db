using System.Collections.Concurrent;
using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0114: methods that name the same limit and give it other figures.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SharedLimitClashAnalyzer : DiagnosticAnalyzer
{
    private static readonly string[] Rates =
    [
        "TokensPerMinute", "InputTokensPerMinute", "OutputTokensPerMinute", "RequestsPerMinute", "MaxConcurrentRequests", "TenantTokensPerMinute", "TenantRequestsPerMinute", "RateMode", "WhenStoreIsAway",
    ];

    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.SharedLimitClash,
        "A shared limit has several figures",
        "'{0}' has {1}, and '{2}' shares it with {3}: {4}. Give both the same, or another name.",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Limits that are shared by name are one limit; with two sets of figures it is not the one its writers meant.",
        Rule.HelpLink(DiagnosticIds.SharedLimitClash),
        WellKnownDiagnosticTags.CompilationEnd);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypesByMetadataName(WellKnownNames.ChatAgentAttribute).Length == 0)
                return;
            var agents = AgentReadings.Of(start.Compilation, start.Options);
            var calls = new ConcurrentBag<CallReading>();
            start.RegisterSymbolAction(
                symbol =>
                {
                    if (agents.Of((INamedTypeSymbol)symbol.Symbol, symbol.CancellationToken) is not { } agent)
                        return;
                    foreach (var call in agent.Calls)
                        if (call.Call.Setting("LimitName") is not null || call.Call.Setting("BudgetName") is not null)
                            calls.Add(call);
                },
                SymbolKind.NamedType);
            start.RegisterCompilationEndAction(end => Check(calls, end));
        });
    }

    private static void Check(IEnumerable<CallReading> calls, CompilationAnalysisContext context)
    {
        // In the order of the files, so that the same one is right in every build.
        List<CallReading> ordered = [.. calls.OrderBy(static call => call.Location.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(static call => call.Location.SourceSpan.Start)];
        Compare(WellKnownNames.RateLimitedAttribute, "LimitName", Rate, static name => $"the rate limit '{name}'", "the run time refuses to bind the second");
        Compare(WellKnownNames.CostTrackedAttribute, "BudgetName", Dollars, static name => $"the budget '{name}'", "each holds its own figures, and of another period counts its own calls alone");

        void Compare(string attribute, string setting, Func<CallModel, string> figures, Func<string, string> limit, string consequence)
        {
            var first = new Dictionary<string, CallReading>(StringComparer.OrdinalIgnoreCase);
            var reported = new HashSet<Location>();
            foreach (var call in ordered)
            {
                if (call.Call.Setting(setting) is not { } name || figures(call.Call) is not { Length: > 0 } own)
                    continue;
                if (!first.TryGetValue(name, out var other))
                    first.Add(name, other = call);
                if (figures(other.Call) is var theirs && theirs == own)
                    continue;
                var location = call.LocationOf(attribute, setting, context.CancellationToken);
                if (reported.Add(location))
                    context.ReportDiagnostic(Diagnostic.Create(Descriptor, location, [other.Location], $"{call.Type.Name}.{call.Method.Name}", $"{limit(name)} at {own}", $"{other.Type.Name}.{other.Method.Name}", theirs, consequence));
            }
        }
    }

    private static string Rate(CallModel call) => string.Join(", ", Rates.Where(rate => call.Setting(rate) is not null).Select(rate => $"{rate} = {call.Setting(rate)}"));

    /// <summary>What bounds the whole budget; who only names it is charged to it.</summary>
    private static string Dollars(CallModel call)
    {
        var limits = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (call.Setting("LimitUsd") is { } usd)
            limits[call.Setting("Period") ?? "Day"] = usd;
        if (call.Setting("CostLimits") is { } more)
            foreach (var limit in CostLimitText.Read(more))
                if (limit.Per == "Shared")
                    limits[limit.Period] = limit.Usd;
        return string.Join(", ", limits.Select(static limit => $"${limit.Value} per {limit.Key}"));
    }
}
