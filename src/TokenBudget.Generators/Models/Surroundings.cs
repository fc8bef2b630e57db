using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Contracts;

namespace TokenBudget.Generators.Models;

/// <summary>What a file depends on besides its own interface.</summary>
/// <param name="HasServiceCollection">Whether a registration can be written.</param>
/// <param name="SharedNames">Class names that several namespaces have; their registrations, all in one namespace, must not collide.</param>
/// <param name="Models">The models the build knows.</param>
internal sealed record Surroundings(bool HasServiceCollection, EquatableArray<string> SharedNames, ModelTable Models);
