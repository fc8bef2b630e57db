using System.Collections.Immutable;
using TokenBudget.Generators.Analyzers.Agents;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Analyzers;

/// <summary>TB0117: a type is read or written as JSON by reflection, which the project says it will not have.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NoReflectionAnalyzer : CallAnalyzer
{
    /// <summary>What the runtime knows by itself, as it stands in generated code.</summary>
    internal static readonly ImmutableHashSet<string> Known =
    [
        "bool", "char", "sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "decimal", "string", "object",
        "global::System.DateTime", "global::System.DateTimeOffset", "global::System.DateOnly", "global::System.TimeOnly", "global::System.TimeSpan",
        "global::System.Guid", "global::System.Uri", "global::System.Version", "global::System.Text.Json.JsonElement", "global::System.Text.Json.JsonDocument", "global::System.Text.Json.Nodes.JsonNode",
        "byte[]", "int[]", "string[]", "global::System.Collections.Generic.List<int>", "global::System.Collections.Generic.List<string>",
        "global::System.Collections.Generic.IReadOnlyList<string>",
    ];

    private static readonly DiagnosticDescriptor Descriptor = new(
        DiagnosticIds.NoReflection,
        "JSON of a type needs reflection, which the project does without",
        "'{0}' needs JSON of {1}, and a program without reflection cannot read or write it: name a context that knows it, [JsonContext(typeof(AppJson))] with [JsonSerializable(typeof({1}))]",
        Rule.Agents,
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        "Where a program is trimmed or compiled ahead of time, System.Text.Json knows the types of source-generated contexts alone; the others fail when the method is called, and calls with such a part of "
        + "the key are not cached.",
        Rule.HelpLink(DiagnosticIds.NoReflection));

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptor];

    private protected override void Check(CallReading call, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        if (call.HasJsonContext || !call.Project.IsWithoutReflection)
            return;
        foreach (var type in TypesOf(call.Call).Distinct())
            if (!Known.Contains(type.TrimEnd('?')))
                report(Diagnostic.Create(Descriptor, call.Location, call.Method.Name, type.TrimEnd('?').Replace("global::", "")));
    }

    /// <summary>The types a call reads or writes as JSON.</summary>
    private static IEnumerable<string> TypesOf(CallModel call)
    {
        if (call.Reply == ReplyKind.Json)
            yield return call.ReplyType;
        foreach (var parameter in call.Signature.Parameters)
            // Of a short value the key has its text.
            if (parameter is { Role: ParameterRole.KeyPart, IsShort: false } && call.Setting("Cached") is not null)
                yield return parameter.Type;
        foreach (var tool in call.ToolSets.SelectMany(static set => set.Tools))
        {
            foreach (var argument in tool.Arguments)
                if (argument.Role != ParameterRole.Cancellation)
                    yield return argument.Type;
            if (tool.JsonResult is { } result)
                yield return result;
        }
    }
}
