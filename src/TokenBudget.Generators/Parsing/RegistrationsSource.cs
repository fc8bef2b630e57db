using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Parsing;

/// <summary>Finds the agents one call can register: those on a chat client, of no type parameters.</summary>
internal static class RegistrationsSource
{
    public static IncrementalValueProvider<EquatableArray<Registration>> Of(IncrementalValuesProvider<AgentModel> agents) => agents
        .Where(static agent => agent is { Kind: AgentKind.Client, TypeParameters.Count: 0 })
        .Select(static (agent, _) => new Registration(agent))
        .Collect()
        .Select(static (registrations, _) =>
        {
            var sorted = new SortedDictionary<string, Registration>(StringComparer.Ordinal);
            foreach (var registration in registrations)
                sorted[registration.Class] = registration;
            return sorted.Values.ToEquatableArray();
        });
}
