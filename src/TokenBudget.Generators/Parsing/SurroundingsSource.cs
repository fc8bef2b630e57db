using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Finds the few facts of the whole project that a file depends on. They hardly ever change, so they hardly ever make one anew.</summary>
internal static class SurroundingsSource
{
    public static IncrementalValueProvider<Surroundings> Of(
        IncrementalValueProvider<Compilation> compilation,
        IReadOnlyList<IncrementalValuesProvider<AgentModel>> agents)
    {
        var hasServiceCollection = compilation
            .Select(static (compilation, _) => compilation.GetTypesByMetadataName(WellKnownNames.ServiceCollection).Length > 0);
        var names = agents[0].Select(static (agent, _) => agent.ClassName).Collect();
        for (var i = 1; i < agents.Count; i++)
            names = names.Combine(agents[i].Select(static (agent, _) => agent.ClassName).Collect()).Select(static (pair, _) => pair.Left.AddRange(pair.Right));
        return hasServiceCollection.Combine(names)
            .Select(static (pair, _) => new Surroundings(pair.Left, Shared(pair.Right)))
            .WithTrackingName(TrackingNames.Surroundings);
    }

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
