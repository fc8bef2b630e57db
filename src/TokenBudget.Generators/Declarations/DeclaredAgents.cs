using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using TokenBudget.Generators.Collections;
using TokenBudget.Generators.Models;

namespace TokenBudget.Generators.Declarations;

/// <summary>
/// Finds the agents of a project. By syntax first: the compiler's own search by attribute asks for the symbols of every interface it has ever found after
/// every keystroke anywhere, which is most of what an edit would cost (docs/decisions/0008).
/// </summary>
internal static class DeclaredAgents
{
    public static IncrementalValuesProvider<AgentModel> Of(IncrementalValueProvider<Compilation> compilation, IncrementalValueProvider<ReferenceSet> references) =>
        // All models in one step: it is taken at every keystroke, and a step for each of them costs more than what it does.
        Candidates(compilation, references)
            .Collect()
            .Combine(compilation)
            .Select(static (pair, cancellationToken) => ModelsOf(pair.Left, pair.Right, cancellationToken))
            .SelectMany(static (models, _) => models)
            .WithTrackingName(TrackingNames.Agents);

    private static EquatableArray<AgentModel> ModelsOf(ImmutableArray<AgentCandidate> candidates, Compilation compilation, CancellationToken cancellationToken)
    {
        var models = ImmutableArray.CreateBuilder<AgentModel>(candidates.Length);
        foreach (var candidate in candidates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (candidate.ModelIn(compilation, cancellationToken) is { } model)
                models.Add(model);
        }

        return new EquatableArray<AgentModel>(models.ToImmutable());
    }

    private static IncrementalValuesProvider<AgentCandidate> Candidates(IncrementalValueProvider<Compilation> compilation, IncrementalValueProvider<ReferenceSet> references) =>
        compilation
            .SelectMany(static (compilation, _) => compilation.SyntaxTrees)
            .Select(static (tree, cancellationToken) => DeclarationReader.Read(tree, cancellationToken))
            .WithTrackingName(TrackingNames.Files)
            .Collect()
            .Combine(ProjectVersion.Of(compilation, references))
            .SelectMany(static (pair, cancellationToken) => new ProjectDeclarations(pair.Left).Candidates(pair.Right, cancellationToken))
            .WithTrackingName(TrackingNames.Candidates);
}
