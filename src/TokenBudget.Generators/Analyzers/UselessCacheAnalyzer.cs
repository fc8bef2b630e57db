using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;
using TokenBudget.Generators.Parsing;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0106: a cached method whose calls never equal each other, or whose answers are not kept.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UselessCacheAnalyzer : CallAnalyzer
{
    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.UselessCache,
        "A cache cannot serve an answer twice",
        "The answers of '{0}' are never served again: {1}",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "A cached method that never hits pays for the key and the memory, and its reader believes it is cheap.",
        Rule.HelpLink(DiagnosticIds.UselessCache));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.Call.Setting("Cached") is null)
            return;
        if (call.Call.HasTools && call.Call.Setting("CacheToolCalls") is null)
            report(Create("one that took tools is not kept; say ToolCalls = true if a hit may go without running them, or take [Cached] off"));
        for (var index = 0; index < call.Method.Parameters.Length; index++)
        {
            var parameter = call.Method.Parameters[index];
            if (call.Call.Signature.Parameters[index].Role is ParameterRole.KeyPart or ParameterRole.PromptValue && parameter.Type.IsVolatile())
                report(Create($"'{parameter.Name}' is another {parameter.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)} at every call; round it before the call, or leave it out with [CacheIgnore]"));
        }

        Diagnostic Create(string reason) => Diagnostic.Create(Descriptor, call.Location, call.Method.Name, reason);
    }
}
