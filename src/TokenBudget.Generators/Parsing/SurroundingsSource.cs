using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Contracts;
using TokenBudget.Generators.Declarations;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Finds the few facts of the whole project that a file depends on. They hardly ever change, so they hardly ever make one anew.</summary>
internal static class SurroundingsSource
{
    public static IncrementalValueProvider<Surroundings> Of(
        IncrementalValueProvider<Compilation> compilation,
        IncrementalValueProvider<ReferenceSet> references,
        IncrementalValuesProvider<AgentModel> agents,
        IncrementalValueProvider<ModelTable> models) =>
        references.Combine(compilation).Select(static (pair, _) => pair.Left.HasServiceCollection(pair.Right))
            .Combine(agents.Select(static (agent, _) => agent.ClassName).Collect().Select(static (names, _) => Shared(names)))
            .Combine(models)
            .Select(static (pair, _) => new Surroundings(pair.Left.Left, pair.Left.Right, pair.Right));

    private static EquatableArray<string> Shared(ImmutableArray<string> names)
    {
        var seen = new HashSet<string>();
        var shared = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
            if (!seen.Add(name))
                shared.Add(name);
        return shared.ToEquatableArray();
    }
}
