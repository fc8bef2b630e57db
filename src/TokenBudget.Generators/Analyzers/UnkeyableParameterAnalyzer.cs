using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0111: a cached method has a parameter that no cache key can hold.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnkeyableParameterAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UnkeyableParameter,
        "A cached method has a parameter that no cache key can hold",
        "'{0}' is cached, and '{1}' cannot be part of its key: {2}; mark it [CacheIgnore] if it cannot change the answer, or take what it consists of",
        Rule.Agents,
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "An answer is found again by everything that can change it. What the key does not see, two calls may differ in and get the same answer.",
        Rule.HelpLink(DiagnosticIds.UnkeyableParameter));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Call.Setting("Cached") is null)
            return;
        for (var i = 0; i < call.Method.Parameters.Length; i++)
        {
            var parameter = call.Method.Parameters[i];
            if (call.Call.Signature.Parameters[i].Role == ParameterRole.KeyPart && KeyableTypes.ProblemOf(parameter.Type, call.Project.Compilation) is { } problem)
                report(Diagnostic.Create(Descriptor, call.LocationOf(parameter.Name), call.Method.Name, parameter.Name, problem));
        }
    }
}
