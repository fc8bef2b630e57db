using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace TokenBudget.Generators.Tests.Harness;

/// <summary>What may lie in the generator's pipeline between two keystrokes, and what may not.</summary>
internal static class PipelineObjects
{
    /// <summary>Every output of every step must be as it was.</summary>
    /// <param name="result">The run.</param>
    /// <param name="except">The step that may have run.</param>
    public static void ShouldBeCached(GeneratorRunResult result, string? except = null)
    {
        Reasons(result).Where(step => step.Step != except)
            .ShouldAllBe(step => step.Reason == IncrementalStepRunReason.Cached || step.Reason == IncrementalStepRunReason.Unchanged);
        result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs)
            .ShouldAllBe(output => output.Reason == IncrementalStepRunReason.Cached);
    }

    public static IEnumerable<(string Step, IncrementalStepRunReason Reason)> Reasons(GeneratorRunResult result) =>
        from name in TrackingNames.All
        where result.TrackedSteps.ContainsKey(name)
        from step in result.TrackedSteps[name]
        from output in step.Outputs
        select (name, output.Reason);

    /// <summary>Follows every field of every output. Exact types are no good here: a symbol is never exactly an <see cref="ISymbol"/>.</summary>
    public static void ShouldHoldNoSymbols(GeneratorRunResult result)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var name in TrackingNames.All)
            if (result.TrackedSteps.TryGetValue(name, out var steps))
                foreach (var output in steps.SelectMany(step => step.Outputs))
                    Walk(output.Value, name, seen);
    }

    public static void Walk(object? value, string path, HashSet<object> seen)
    {
        if (value is null || value is string || value.GetType().IsPrimitive || value.GetType().IsEnum || !seen.Add(value))
            return;
        if (value is Compilation or ISymbol or SyntaxNode or SyntaxTree or Location or SemanticModel or AttributeData)
            throw new InvalidOperationException($"{path} holds a {value.GetType().Name}, which keeps a compilation alive.");
        if (value is IEnumerable items)
            foreach (var item in items)
                Walk(item, path + "[]", seen);
        for (var type = value.GetType(); type is not null; type = type.BaseType)
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
                Walk(field.GetValue(value), $"{path}.{field.Name}", seen);
    }
}
